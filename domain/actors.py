"""Who acts, and what each role may do: the one permission table.

Reads are scoped in the query ports, which take the Actor first; a write names its Action, and this table
answers. Ownership is not here: a foreign object is refused as not found by the service that loads it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import NotPermitted
from domain.ids import OrganizationId, PersonId


class OrganizationKind(StrEnum):
    BUYER = "buyer"
    SUPPLIER = "supplier"
    """A sewing workshop, or somebody who would like to be taken for one: evidence decides, not the name."""
    AUDITOR = "auditor"
    REGISTRY = "registry"
    """Operates the registers: verifies evidence, confirms and suspends organisations."""


class Role(StrEnum):
    ADMINISTRATOR = "administrator"
    OFFICER = "officer"
    APPROVER = "approver"
    RECEIVER = "receiver"
    WORKSHOP_MANAGER = "workshop_manager"
    AUDITOR = "auditor"
    REGISTRY_OPERATOR = "registry_operator"
    REVIEWER = "reviewer"
    """Decides complaints for the control service."""


class Action(StrEnum):
    """Every write that a person can ask for, as ``resource.step``."""

    MEMBER_MANAGE = "member.manage"
    API_KEY_MANAGE = "api_key.manage"
    SESSION_END = "session.end"
    ORGANIZATION_CONFIRM = "organization.confirm"
    ORGANIZATION_SUSPEND = "organization.suspend"
    ORGANIZATION_CONTACTS = "organization.contacts"
    WORKSHOP_DESCRIBE = "workshop.describe"
    EVIDENCE_RECORD = "evidence.record"
    EVIDENCE_VERIFY = "evidence.verify"
    EVIDENCE_CHECK = "evidence.check"
    VERDICT_ASK = "verdict.ask"
    NEED_IMPORT = "need.import"
    PROCEDURE_CONFIGURE = "procedure.configure"
    TENDER_DRAFT = "tender.draft"
    TENDER_STUDY = "tender.study"
    TENDER_PUBLISH = "tender.publish"
    TENDER_CANCEL = "tender.cancel"
    TENDER_OPEN = "tender.open"
    TENDER_EVALUATE = "tender.evaluate"
    TENDER_AWARD = "tender.award"
    BID_SUBMIT = "bid.submit"
    BID_WITHDRAW = "bid.withdraw"
    CONTRACT_SIGN = "contract.sign"
    DELIVERY_DISPATCH = "delivery.dispatch"
    DELIVERY_ACCEPT = "delivery.accept"
    INVOICE_ISSUE = "invoice.issue"
    PAYMENT_START = "payment.start"
    PAYMENT_CONFIRM = "payment.confirm"
    ORGANIZATION_CHECK = "organization.check"
    UNRELIABLE_CHECK = "unreliable.check"
    SIGNATURE_CHECK = "signature.check"
    REGISTER_IMPORT = "register.import"
    COMPLAINT_FILE = "complaint.file"
    COMPLAINT_WITHDRAW = "complaint.withdraw"
    COMPLAINT_DECIDE = "complaint.decide"
    CONTRACT_DECLINE = "contract.decline"
    CONTRACT_LAPSE = "contract.lapse"
    CONTRACT_NEXT_BEST = "contract.next_best"
    POOL_ORGANIZE = "pool.organize"
    POOL_JOIN = "pool.join"
    CONTRACT_CALL_OFF = "contract.call_off"
    ENQUIRY_ASK = "enquiry.ask"
    ENQUIRY_ANSWER = "enquiry.answer"
    TENDER_AMEND = "tender.amend"
    TENDER_EXTEND = "tender.extend"
    TENDER_FAIL = "tender.fail"
    TENDER_FOLLOW_UP = "tender.follow_up"
    PREQUALIFICATION_OPEN = "prequalification.open"
    PREQUALIFICATION_APPLY = "prequalification.apply"
    PREQUALIFICATION_DECIDE = "prequalification.decide"
    NOTICE_READ = "notice.read"
    NOTICE_PREFER = "notice.prefer"
    SUBSCRIPTION_MANAGE = "subscription.manage"
    TENDER_WATCH = "tender.watch"
    WEBHOOK_MANAGE = "webhook.manage"
    CONSORTIUM_CONSENT = "consortium.consent"
    COMMITTEE_APPOINT = "committee.appoint"
    COMMITTEE_SIT = "committee.sit"
    PAPERS_REQUEST = "papers.request"
    PAPERS_HAND_IN = "papers.hand_in"
    SCENARIO_MAKE = "scenario.make"
    SCENARIO_CANCEL = "scenario.cancel"
    SCENARIO_CHOOSE = "scenario.choose"


_EVERYONE = {Action.SESSION_END, Action.API_KEY_MANAGE, Action.NOTICE_READ}
PERMISSIONS: dict[Role, frozenset[Action]] = {
    Role.ADMINISTRATOR: frozenset(
        _EVERYONE | {Action.MEMBER_MANAGE, Action.ORGANIZATION_CONTACTS, Action.NOTICE_PREFER, Action.WEBHOOK_MANAGE}
    ),
    Role.OFFICER: frozenset(
        _EVERYONE
        | {
            Action.NEED_IMPORT,
            Action.TENDER_DRAFT,
            Action.TENDER_STUDY,
            Action.TENDER_EVALUATE,
            Action.VERDICT_ASK,
            Action.UNRELIABLE_CHECK,
            Action.SIGNATURE_CHECK,
            Action.POOL_ORGANIZE,
            Action.POOL_JOIN,
            Action.ENQUIRY_ANSWER,
            Action.TENDER_FOLLOW_UP,
            Action.PREQUALIFICATION_OPEN,
            Action.PREQUALIFICATION_DECIDE,
            Action.NOTICE_PREFER,
            Action.COMMITTEE_SIT,
            Action.PAPERS_REQUEST,
            Action.SCENARIO_MAKE,
            Action.SCENARIO_CANCEL,
        }
    ),
    Role.APPROVER: frozenset(
        _EVERYONE
        | {
            Action.PROCEDURE_CONFIGURE,
            Action.TENDER_PUBLISH,
            Action.TENDER_CANCEL,
            Action.TENDER_OPEN,
            Action.TENDER_AWARD,
            Action.CONTRACT_SIGN,
            Action.PAYMENT_START,
            Action.SIGNATURE_CHECK,
            Action.CONTRACT_LAPSE,
            Action.CONTRACT_NEXT_BEST,
            Action.CONTRACT_CALL_OFF,
            Action.TENDER_AMEND,
            Action.TENDER_EXTEND,
            Action.TENDER_FAIL,
            Action.COMMITTEE_APPOINT,
            Action.COMMITTEE_SIT,
            Action.SCENARIO_CHOOSE,
        }
    ),
    Role.RECEIVER: frozenset(_EVERYONE | {Action.DELIVERY_ACCEPT, Action.COMMITTEE_SIT}),
    Role.WORKSHOP_MANAGER: frozenset(
        _EVERYONE
        | {
            Action.WORKSHOP_DESCRIBE,
            Action.EVIDENCE_RECORD,
            Action.EVIDENCE_CHECK,
            Action.VERDICT_ASK,
            Action.BID_SUBMIT,
            Action.BID_WITHDRAW,
            Action.CONSORTIUM_CONSENT,
            Action.CONTRACT_SIGN,
            Action.DELIVERY_DISPATCH,
            Action.INVOICE_ISSUE,
            Action.PAYMENT_CONFIRM,
            Action.UNRELIABLE_CHECK,
            Action.SIGNATURE_CHECK,
            Action.COMPLAINT_FILE,
            Action.COMPLAINT_WITHDRAW,
            Action.CONTRACT_DECLINE,
            Action.ENQUIRY_ASK,
            Action.PREQUALIFICATION_APPLY,
            Action.NOTICE_PREFER,
            Action.SUBSCRIPTION_MANAGE,
            Action.TENDER_WATCH,
            Action.PAPERS_HAND_IN,
        }
    ),
    Role.AUDITOR: frozenset(_EVERYONE),
    Role.REGISTRY_OPERATOR: frozenset(
        _EVERYONE
        | {
            Action.ORGANIZATION_CONFIRM,
            Action.ORGANIZATION_SUSPEND,
            Action.EVIDENCE_RECORD,
            Action.EVIDENCE_VERIFY,
            Action.EVIDENCE_CHECK,
            Action.ORGANIZATION_CHECK,
            Action.UNRELIABLE_CHECK,
            Action.SIGNATURE_CHECK,
            Action.REGISTER_IMPORT,
        }
    ),
    Role.REVIEWER: frozenset(_EVERYONE | {Action.COMPLAINT_DECIDE}),
}

ROLES_OF_KIND: dict[OrganizationKind, frozenset[Role]] = {
    OrganizationKind.BUYER: frozenset({Role.ADMINISTRATOR, Role.OFFICER, Role.APPROVER, Role.RECEIVER}),
    OrganizationKind.SUPPLIER: frozenset({Role.ADMINISTRATOR, Role.WORKSHOP_MANAGER}),
    OrganizationKind.AUDITOR: frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.REVIEWER}),
    OrganizationKind.REGISTRY: frozenset({Role.ADMINISTRATOR, Role.REGISTRY_OPERATOR}),
}
"""Which roles a member of an organisation of this kind may hold."""


def may_with(roles: Iterable[Role], action: Action) -> bool:
    return any(action in PERMISSIONS[role] for role in roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person acting for one organisation with some roles; made from credentials, never from a body."""

    person_id: PersonId
    organization_id: OrganizationId
    kind: OrganizationKind
    roles: frozenset[Role]

    def may(self, action: Action) -> bool:
        return may_with(self.roles, action)

    def must(self, action: Action) -> None:
        """Refuse (``not-permitted``), naming the roles that would pass."""
        if not self.may(action):
            passing = sorted(role for role, actions in PERMISSIONS.items() if action in actions)
            raise NotPermitted(
                f"{action} needs another role",
                passes=f"one of the roles {', '.join(passing)}",
                action=str(action),
            )

    @property
    def is_auditor(self) -> bool:
        return Role.AUDITOR in self.roles

    @property
    def is_registry_operator(self) -> bool:
        return Role.REGISTRY_OPERATOR in self.roles

    @property
    def is_reviewer(self) -> bool:
        return Role.REVIEWER in self.roles
