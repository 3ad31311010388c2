"""The difference of two documents: whoever carries it out on the old one has the new one."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.tenders.difference import Change, Operation, difference

TEXT = st.text(alphabet="ab/~1", max_size=4)
LEAVES = st.none() | st.integers(2, 5) | TEXT
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=25,
)


def applied(document: Any, changes: tuple[Change, ...]) -> Any:
    """RFC 6902 as an outsider would write it; also insists that ``before`` is what is there."""
    root = {"": copy.deepcopy(document)}
    for change in changes:
        parent: Any = root
        steps = [step.replace("~1", "/").replace("~0", "~") for step in change.path.split("/")]
        *way, last = steps
        for step in way:
            parent = parent[int(step)] if isinstance(parent, list) else parent[step]
        place: Any = int(last) if isinstance(parent, list) else last
        if change.op is Operation.ADD and isinstance(parent, list):
            parent.insert(place, change.after)
            continue
        if change.op is Operation.ADD:
            assert place not in parent
        else:
            assert parent[place] == change.before
        if change.op is Operation.REMOVE:
            del parent[place]
        else:
            parent[place] = copy.deepcopy(change.after)
    return root[""]


@given(DOCUMENTS, DOCUMENTS, st.integers(1, 12))
def test_the_difference_carried_out_on_the_old_gives_the_new(before: Any, after: Any, most: int) -> None:
    changes = difference(before, after, most=most)
    assert len(changes) <= most
    assert applied(before, changes) == after
    assert bool(changes) is (before != after)


@given(DOCUMENTS, DOCUMENTS)
def test_there_and_back_again_and_always_the_same(before: Any, after: Any) -> None:
    there = difference(before, after)
    assert there == difference(copy.deepcopy(before), copy.deepcopy(after))
    assert applied(applied(before, there), difference(after, before)) == before


@given(st.lists(st.integers(2, 9), max_size=6), st.lists(st.integers(2, 9), max_size=6))
def test_lists_grow_and_shrink_at_their_end(before: list[int], after: list[int]) -> None:
    changes = difference(before, after)
    assert applied(before, changes) == after
    ends = [change for change in changes if change.op is not Operation.REPLACE]
    assert len(ends) == abs(len(before) - len(after))


def test_a_cell_with_a_slash_in_its_name_is_pointed_at() -> None:
    (change,) = difference({"sizes": {"96-100/170-176": 40}}, {"sizes": {"96-100/170-176": 41}})
    assert change == Change(op=Operation.REPLACE, path="/sizes/96-100~1170-176", before=40, after=41)


def test_what_is_added_and_taken_away_is_told() -> None:
    before = {"a": None, "lines": [1, 2, 3]}
    after = {"b": None, "lines": [1]}
    assert [(change.op, change.path, change.before, change.after) for change in difference(before, after)] == [
        ("remove", "/a", None, None),
        ("add", "/b", None, None),
        ("remove", "/lines/2", 3, None),
        ("remove", "/lines/1", 2, None),
    ]


@pytest.mark.parametrize(
    ("most", "paths"),
    [
        (4, ["/lots/0/sizes/0", "/lots/0/sizes/1", "/lots/0/sizes/2", "/lots/1/title"]),
        (3, ["/lots/0/sizes", "/lots/1/title"]),
        (1, ["/lots"]),
    ],
)
def test_too_many_changes_become_fewer_and_larger_ones(most: int, paths: list[str]) -> None:
    before = {"lots": [{"sizes": [1, 2, 3]}, {"title": "a"}]}
    after = {"lots": [{"sizes": [4, 5, 6]}, {"title": "b"}]}
    assert [change.path for change in difference(before, after, most=most)] == paths
