"""What the trade writes, and which cell of the grid it names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.garments import GRIDS, GridId, UnknownSize
from domain.notations import parse_size, read_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("96-100/170-176", "96-100/170-176"),
        ("96-100, 170-176", "96-100/170-176"),
        ("96-100,170-176", "96-100/170-176"),
        ("96–100 / 170–176", "96-100/170-176"),
        ("96 — 100\u00a0/\u00a0170 — 176", "96-100/170-176"),
        ("170-176/96-100", "96-100/170-176"),
        ("48-50/3-4", "96-100/170-176"),
        ("44-46/1-2", "88-92/158-164"),
        ("60-62/5-6", "120-124/182-188"),
        ("52/3-4", "104-108/170-176"),
        ("52/3", "104-108/170-176"),
        ("104/176", "104-108/170-176"),
        ("106/172", "104-108/170-176"),
        ("104 см / 176 см", "104-108/170-176"),
        ("разм. 52 рост 3-4", "104-108/170-176"),
        ("Размер 52-54, рост: 182-188", "104-108/182-188"),
        ("р. 52 р. 3-4", "104-108/170-176"),
        ("өлшем 52 бой 3-4", "104-108/170-176"),
        ("size 52 height 176", "104-108/170-176"),
        ("112-116х182-188", "112-116/182-188"),
        ("40-42/146-152", "80-84/146-152"),
        ("64-66/194-200", "128-132/194-200"),
    ],
)
def test_adult_notations_name_a_chest_and_a_height(text: str, size: str) -> None:
    assert parse_size(text, GridId.ADULT) == size


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("52", "height is missing"),
        ("96-100", "height is missing"),
        ("3-4", "chest is missing"),
        ("170-176", "chest is missing"),
        ("46-48/3-4", "46-48 is neither"),
        ("100-104/170-176", "100-104 is neither"),
        ("49/3-4", "49 is neither"),
        ("48-50/2-3", "2-3 is neither"),
        ("48-50/7-8", "7-8 is neither"),
        ("102/176", "102 is neither"),
        ("96/100", "chest twice"),
        ("48-50/96-100/170-176", "chest twice"),
        ("52,3", "fraction"),
        ("52.5/176", "no meaning"),
        ("52 см/176", "not in centimetres"),
        ("рост 52 размер 3-4", "can only be a chest"),
        ("разм. 52 – 40 шт", "unknown"),
        ("L", "unknown"),
        ("52-3-4", "no meaning"),
        ("рост", "missing after"),
        ("", "no number"),
        ("9" * 500, "neither"),
    ],
)
def test_an_adult_size_that_is_unknown_or_ambiguous_is_refused_with_what_would_pass(text: str, reason: str) -> None:
    with pytest.raises(UnknownSize) as refused:
        parse_size(text, GridId.ADULT, pointer="Sheet1!E1")
    (flaw,) = refused.value.flaws
    assert flaw.pointer == "Sheet1!E1"
    assert reason in flaw.reason
    assert len(flaw.reason) < 1000
    assert flaw.passes == refused.value.passes
    assert "170-176" in (flaw.passes or "")


def test_a_missing_height_is_answered_with_the_cells_of_that_chest() -> None:
    with pytest.raises(UnknownSize) as refused:
        parse_size("52", GridId.ADULT)
    assert refused.value.passes == ", ".join(size for size in GRIDS[GridId.ADULT] if size.startswith("104-108/"))


@pytest.mark.parametrize("text", ["134", "рост 134", "134 см", "Рост: 134 см", "height 134 cm", "бойы 134", "р. 134"])
def test_a_childs_size_is_one_height(text: str) -> None:
    assert parse_size(text, GridId.CHILD) == "134"


@pytest.mark.parametrize("text", ["128-134", "134/68", "134/140", "135", "34", "92", "194", "134,5", "7 лет", "one"])
def test_a_childs_size_off_the_grid_or_between_two_heights_is_refused(text: str) -> None:
    with pytest.raises(UnknownSize) as refused:
        parse_size(text, GridId.CHILD)
    assert "134" in (refused.value.passes or "")


@pytest.mark.parametrize("text", ["42", "р. 42", "размер 42", "size 42", "р-р 42", " 42 "])
def test_footwear_has_one_number(text: str) -> None:
    assert parse_size(text, GridId.FOOTWEAR) == "42"


@pytest.mark.parametrize("text", ["42.5", "42,5", "42-43", "27 см", "рост 42", "24", "51", "EU 42", "４２", "4²"])
def test_half_sizes_pairs_centimetres_and_foreign_systems_are_not_shoe_sizes(text: str) -> None:
    with pytest.raises(UnknownSize):
        parse_size(text, GridId.FOOTWEAR)


@pytest.mark.parametrize("text", ["one", "One size", "единый размер", "Безразмерный", "бір өлшем"])
def test_one_size_has_names_in_three_languages(text: str) -> None:
    assert parse_size(text, GridId.ONE_SIZE) == "one"


def test_a_number_is_not_one_size() -> None:
    with pytest.raises(UnknownSize):
        parse_size("52", GridId.ONE_SIZE)


@pytest.mark.parametrize("grid", list(GridId))
def test_every_canonical_label_reads_as_itself(grid: GridId) -> None:
    assert [parse_size(size, grid) for size in GRIDS[grid]] == list(GRIDS[grid])


def test_parts_of_one_cell_overlap_only_where_the_same_person_would_be_counted_twice() -> None:
    whole, small, large = (read_size(text, GridId.ADULT) for text in ("96-100/170-176", "48/3-4", "50/3-4"))
    assert whole.size == small.size == large.size
    assert not small.overlaps(large)
    assert whole.overlaps(small)
    assert large.overlaps(whole)
    assert small.overlaps(read_size("96/176", GridId.ADULT))
    assert not small.overlaps(read_size("48/5-6", GridId.ADULT))


@given(st.text(max_size=60), st.sampled_from(list(GridId)))
def test_any_text_is_read_into_the_grid_or_refused(text: str, grid: GridId) -> None:
    try:
        size = parse_size(text, grid)
    except UnknownSize:
        return
    assert size in GRIDS[grid]
