"""The wired application: every service and query port that a route, the worker or the command line may ask for."""

from dataclasses import dataclass

from domain.awards.awarding import Awarding
from domain.awards.failing import Failing
from domain.awards.next_best import Reawarding
from domain.awards.ports import EvaluationQueries, Explanations, PreferenceQueries
from domain.bids.attaching import Attaching
from domain.bids.bidding import Bidding
from domain.bids.opening import Opening
from domain.bids.ports import BidQueries, DocumentFiles
from domain.bids.sheets import BidSheets
from domain.capacity.ports import CapacityQueries
from domain.complaints.complaining import Complaining
from domain.complaints.ports import ComplaintQueries
from domain.consortia.consenting import Consenting
from domain.consortia.ports import ConsentQueries
from domain.contracts.calling_off import CallingOff
from domain.contracts.contracting import Contracting
from domain.contracts.ports import ContractQueries
from domain.contracts.signing import Signing
from domain.enquiries.enquiring import Enquiring
from domain.enquiries.ports import EnquiryQueries
from domain.evaluating.ports import EvaluatingQueries
from domain.evaluating.scoring import Scoring
from domain.evaluating.supplementing import Supplementing
from domain.log.ports import History, LogQueries, Sequencer
from domain.lotting.ports import LotStudyQueries
from domain.lotting.studying import Studying
from domain.notices.ports import NoticeQueries, SubscriptionQueries, Texts
from domain.notices.receiving import Receiving
from domain.notices.sending import Sending
from domain.notices.subscribing import Subscribing
from domain.notices.telling import Telling
from domain.organizations.evidencing import Evidencing
from domain.organizations.ports import OrganizationQueries, ProducerQueries, VerdictArchive
from domain.organizations.producing import Producing
from domain.organizations.registering import Registering
from domain.organizations.signing_in import SigningIn
from domain.payments.paying import Paying
from domain.payments.ports import PaymentQueries
from domain.pools.pooling import Pooling
from domain.pools.ports import PoolQueries
from domain.prequalification.ports import PrequalificationQueries
from domain.prequalification.prequalifying import Prequalifying
from domain.procedures.catalogue import Procedures
from domain.procedures.configuring import Configuring
from domain.procedures.settings import SettingsQueries
from domain.protocols.ports import Documents
from domain.protocols.reporting import Reporting
from domain.registries.asking import Asking
from domain.registries.imports import RegisterQueries
from domain.registries.loading import Loading
from domain.registries.taking_over import TakingOver
from domain.replay.bundling import Bundling
from domain.reports.ports import Feed, Processes, Reports, Tables
from domain.scenarios.comparing import Comparing
from domain.scenarios.ports import ScenarioQueries
from domain.scenarios.solving import Solving
from domain.sealing.ports import Signer
from domain.tenders.amending import Amending
from domain.tenders.following import Following
from domain.tenders.importing import Importing
from domain.tenders.ports import AmendmentQueries, TenderQueries
from domain.tenders.tendering import Tendering


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Services decide and write; the query ports beside them read."""

    procedures: Procedures
    configuring: Configuring
    procedure_settings: SettingsQueries
    registering: Registering
    signing_in: SigningIn
    organizations: OrganizationQueries
    producing: Producing
    evidencing: Evidencing
    producers: ProducerQueries
    verdict_archive: VerdictArchive
    importing: Importing
    tendering: Tendering
    tenders: TenderQueries
    bidding: Bidding
    bids: BidQueries
    attaching: Attaching
    consenting: Consenting
    consents: ConsentQueries
    bid_sheets: BidSheets
    opened_documents: DocumentFiles
    opening: Opening | None
    """None: the key-encryption key is elsewhere."""
    signer: Signer
    awarding: Awarding
    evaluations: EvaluationQueries
    comparing: Comparing
    solving: Solving
    scenarios: ScenarioQueries
    explanations: Explanations
    preferences: PreferenceQueries
    bundling: Bundling
    reporting: Reporting
    documents: Documents
    contracting: Contracting
    contracts: ContractQueries
    capacity: CapacityQueries
    paying: Paying
    payments: PaymentQueries
    feed: Feed
    reports: Reports
    tables: Tables
    processes: Processes
    asking: Asking
    taking_over: TakingOver
    loading: Loading
    registers: RegisterQueries
    complaining: Complaining
    complaints: ComplaintQueries
    signing: Signing
    reawarding: Reawarding
    calling_off: CallingOff
    pooling: Pooling
    pools: PoolQueries
    amending: Amending
    amendments: AmendmentQueries
    enquiring: Enquiring
    enquiries: EnquiryQueries
    scoring: Scoring
    supplementing: Supplementing
    evaluating: EvaluatingQueries
    studying: Studying
    lot_studies: LotStudyQueries
    failing: Failing
    following: Following
    prequalifying: Prequalifying
    prequalifications: PrequalificationQueries
    telling: Telling
    sending: Sending
    subscribing: Subscribing
    subscriptions: SubscriptionQueries
    receiving: Receiving
    notices: NoticeQueries
    texts: Texts
    log: LogQueries
    sequencer: Sequencer
    history: History
    base_url: str
    """Where clients reach us, without a slash at the end."""
