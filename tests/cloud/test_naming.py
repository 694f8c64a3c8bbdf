"""Group and cluster names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.cloud import naming
from apps.cloud.naming import GroupName, NamingError

plain = st.from_regex(r"[A-Za-z0-9._]{1,12}", fullmatch=True)
detail = st.from_regex(r"[A-Za-z0-9._-]{1,16}", fullmatch=True)


def allowed(check, text):
    try:
        return bool(check(text) is text)
    except NamingError:
        return False


names = st.builds(
    GroupName,
    app=plain,
    stack=st.one_of(st.just(""), plain.filter(lambda text: allowed(naming.check_stack, text))),
    detail=st.one_of(st.just(""), detail.filter(lambda text: allowed(naming.check_detail, text))),
    sequence=st.one_of(st.none(), st.integers(0, 999)),
)


@given(names)
def test_what_is_joined_parses_back_to_the_same_parts(name):
    assert naming.parse(name.text) == name


@given(st.text(max_size=40))
def test_what_parses_joins_back_to_the_same_text(text):
    parsed = naming.parse(text)
    assert parsed is None or parsed.text == text


@given(names)
def test_a_groups_cluster_parses_to_itself_without_a_push_number(name):
    parsed = naming.parse(name.cluster)
    assert parsed is not None
    assert (parsed.cluster, parsed.sequence) == (name.cluster, None)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("shop", ("shop", "", "", None)),
        ("shop-v012", ("shop", "", "", 12)),
        ("shop-main", ("shop", "main", "", None)),
        ("shop-main-v999", ("shop", "main", "", 999)),
        ("shop-main-blue-eu-v000", ("shop", "main", "blue-eu", 0)),
        ("shop--blue-v001", ("shop", "", "blue", 1)),
        ("shop.api-main_2-x.y-v003", ("shop.api", "main_2", "x.y", 3)),
        ("shop-v1", ("shop", "v1", "", None)),
        ("shop-v11", ("shop", "v11", "", None)),
        ("shop-v1111", ("shop", "v1111", "", None)),
        ("shop-main-v12", ("shop", "main", "v12", None)),
        ("v001", ("v001", "", "", None)),
    ],
)
def test_names_are_taken_apart_as_existing_fleets_use_them(text, parts):
    parsed = naming.parse(text)
    assert parsed is not None
    assert (parsed.app, parsed.stack, parsed.detail, parsed.sequence) == parts


@pytest.mark.parametrize(
    "text",
    ["", "-", "-v001", "-main", "shop-", "shop--", "shop-main-", "shop main", "shop-v001-v002", "shøp", "shop-m/n",
     "shop-v٠٠١\n", "shop\n", "a" * 256],
)  # fmt: skip
def test_names_outside_the_grammar_have_no_parts(text):
    assert naming.parse(text) is None
    assert naming.cluster_of(text) is None


def test_the_first_group_of_a_cluster_is_v000():
    assert naming.next_group_name("shop-main", [], None) == "shop-main-v000"


def test_the_next_number_follows_the_newest_group_by_creation_not_the_highest():
    assert naming.next_group_name("shop-main", ["shop-main-v998", "shop-main-v001"], "shop-main-v001") == (
        "shop-main-v002"
    )


def test_v999_is_followed_by_v000():
    assert naming.next_group_name("shop", ["shop-v999"], "shop-v999") == "shop-v000"


def test_taken_numbers_are_skipped():
    taken = ["shop-v999", "shop-v000", "shop-v001", "shop-v003"]
    assert naming.next_group_name("shop", taken, "shop-v999") == "shop-v002"


def test_a_cluster_whose_group_has_no_number_goes_on_with_v000():
    assert naming.next_group_name("shop-main", ["shop-main"], "shop-main") == "shop-main-v000"


def test_a_cluster_with_all_numbers_taken_is_told_so():
    taken = [f"shop-v{number:03d}" for number in range(1000)]
    with pytest.raises(NamingError, match="all 1000 push numbers"):
        naming.next_group_name("shop", taken, "shop-v012")


def test_the_newest_group_must_be_of_the_cluster():
    with pytest.raises(NamingError, match="not a group of the cluster shop"):
        naming.next_group_name("shop", ["cart-v001"], "cart-v001")


@given(names.filter(lambda name: name.sequence is not None), st.sets(st.integers(0, 999), max_size=30))
def test_the_next_name_is_free_and_of_the_cluster(newest, numbers):
    taken = {newest.text} | {GroupName(newest.app, newest.stack, newest.detail, each).text for each in numbers}
    following = naming.next_group_name(newest.cluster, taken, newest.text)
    parsed = naming.parse(following)
    assert following not in taken
    assert parsed is not None
    assert parsed.cluster == newest.cluster


@pytest.mark.parametrize(
    ("check", "text", "sentence"),
    [
        (naming.check_application, "", "needs a name"),
        (naming.check_application, "shop-api", "may hold letters, digits, '.' and '_' only"),
        (naming.check_application, "a" * 65, "65 characters long; 64 are allowed"),
        (naming.check_stack, "ma-in", "The stack 'ma-in' may hold"),
        (naming.check_stack, "v001", "may not end like a push number"),
        (naming.check_detail, "blue green", "The detail 'blue green' may hold"),
        (naming.check_detail, "blue-v012", "may not end like a push number"),
    ],
)
def test_a_part_that_breaks_the_grammar_is_told_in_a_sentence(check, text, sentence):
    with pytest.raises(NamingError, match=sentence):
        check(text)
