"""Imports: every row of any file is a link or has a reason, and the formats of other shorteners are understood."""

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain import csv_text
from trackflow.domain.errors import Refused
from trackflow.domain.import_cells import Field, moment, tags_of
from trackflow.domain.imports import BITLY, CSV, FORMATS, MAX_ROWS, URLS, YOURLS, Layout, read
from trackflow.domain.template_values import Variable

FIELDS = (
    Field("destination_url", "url", "Destination URL", longest=0),
    Field("short_code", "text", "Short Code", longest=64),
    Field("title", "text", "Title"),
    Field("campaign", "text", "Campaign"),
    Field("source", "text", "Source"),
    Field("expiry_date", "moment", "Expiry Date", longest=0),
    Field("max_clicks", "whole", "Max Clicks", longest=0),
    Field("append_visitor_id", "check", "Append Visitor ID", longest=0),
    Field("status", "choice", "Status", ("Active", "Paused", "Archived"), longest=0),
    Field("fallback_url", "url", "Fallback URL", longest=0),
    Field("additional_parameters", "object", "Additional Parameters", longest=0),
)
PARIS = ZoneInfo("Europe/Paris")
URL = "https://example.com/"


def sheet(text, layout=CSV, **options):
    return read(text, Layout(layout, FIELDS, PARIS, frozenset({"go.example"}), **options))


def rows(text, layout=CSV, **options):
    return sheet(text, layout, **options).rows


def record(cells, header):
    (row,) = rows(f"destination_url,{header}\n{URL},{cells}\n")
    assert row.reason is None, row.reason
    return row.record


def reason(cells, header):
    (row,) = rows(f"destination_url,{header}\n{URL},{cells}\n")
    return row.reason and row.reason.reason


def refusal(text, layout=CSV):
    with pytest.raises(Refused) as refused:
        sheet(text, layout)
    return refused.value.reason


# ---------------------------------------------------------------- text


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_ends_of_lines_are_found_out(delimiter, end):
    text = end.join([delimiter.join(["title", "url"]), delimiter.join(['"a,b;c"', URL]), ""])
    (row,) = rows(text)
    assert (row.line, row.record.values) == (2, {"title": "a,b;c", "destination_url": URL})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodings_are_found_out(encoding):
    (row,) = rows(csv_text.decode(f"url,title\n{URL},Übergröße\n".encode(encoding)))
    assert row.record.values["title"] == "Übergröße"


def test_lines_are_counted_as_an_editor_does_also_behind_quoted_ends_of_lines_and_blank_lines():
    found = rows(f'url,title\n\n{URL},"two\nlines"\n , \nnot a url,x\n')
    assert [(row.line, bool(row.record)) for row in found] == [(3, True), (6, False)]
    assert found[0].record.values["title"] == "two lines"


def test_a_quotation_mark_that_is_never_closed_costs_its_own_line_only():
    found = rows(f'url,title\n{URL}1,"open\n{URL}2,b\n{URL}3,c\n')
    assert [(row.line, row.reason and row.reason.reason) for row in found] == [
        (2, "row_quote_open"),
        (3, None),
        (4, None),
    ]


def test_a_cell_that_no_link_could_have_is_told_and_the_next_lines_are_read():
    found = rows(f'url,title\n{URL},"{"x" * 200_000}"\n{URL},b\n')
    assert [(row.line, row.reason and row.reason.reason) for row in found] == [
        (2, "row_unreadable"),
        (3, None),
    ]


def test_the_hint_that_excel_writes_is_no_row():
    (row,) = rows(f"sep=;\nurl;title\n{URL};a,b\n")
    assert row.record.values["title"] == "a,b"


# ---------------------------------------------------------------- files that can't be read at all


@pytest.mark.parametrize(
    ("text", "layout", "expected"),
    [
        ("", CSV, "import_empty"),
        ("\n \n", URLS, "import_empty"),
        ("url,title\n", CSV, "import_empty"),
        ("title,colour\na,b\n", CSV, "import_no_destination"),
        (f"{URL},a\n", CSV, "import_no_header"),
        (f"url,title,Title\n{URL},a,b\n", CSV, "import_column_twice"),
        ("x\n" * (MAX_ROWS + 1), URLS, "import_too_long"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why(text, layout, expected):
    assert refusal(text, layout) == expected


def test_columns_that_mean_nothing_are_told():
    assert sheet(f"url,Title,Colour,line,reason\n{URL},a,b,1,c\n").unread == ("Colour",)


# ---------------------------------------------------------------- rows


def test_a_list_of_urls_is_one_link_a_line():
    found = rows(f"{URL}a\n\n  {URL}b  \nnonsense\n", URLS)
    assert [(row.line, row.record and row.record.values) for row in found] == [
        (1, {"destination_url": f"{URL}a"}),
        (3, {"destination_url": f"{URL}b"}),
        (4, None),
    ]


@pytest.mark.parametrize(
    "name", ["Destination URL", "destination_url", "LONG URL", " url ", "Destination-URL"]
)
def test_columns_have_the_names_that_people_give_them(name):
    assert rows(f"{name}\n{URL}\n")[0].record


def test_fields_are_found_by_name_and_by_label():
    (row,) = rows(f"url,Max Clicks,append_visitor_id,utm_source\n{URL},5,yes,news\n")
    expected = {"destination_url": URL, "max_clicks": 5, "append_visitor_id": 1, "source": "news"}
    assert row.record.values == expected


@pytest.mark.parametrize(
    ("cells", "header", "expected"),
    [
        ("spring", "code", None),
        ("a b", "code", "code_malformed"),
        ("login", "code", "code_reserved"),
        ("5.5", "max_clicks", "cell_whole"),
        ("maybe", "append_visitor_id", "cell_check"),
        ("closed", "status", "cell_choice"),
        ("31.12.2025", "expires", "cell_moment"),
        ("2025-02-30", "expires", "cell_moment"),
        ("[]", "additional_parameters", "cell_object"),
        ("x" * 141, "title", "cell_too_long"),
        ("javascript:x", "fallback", "destination_scheme"),
        ("https://go.example/r/x", "fallback", "destination_self"),
        ("a,b", "title", "row_too_long"),
        ("a,", "title", None),
        ("", "title,code", None),
    ],
)
def test_a_row_that_cannot_be_a_link_says_why(cells, header, expected):
    assert reason(cells, header) == expected


def test_a_code_that_comes_twice_counts_the_first_time_whatever_its_case():
    found = rows(f"url,code\n{URL},Spring\n{URL},summer\n{URL},SPRING\n")
    assert [row.reason and row.reason.details for row in found] == [None, None, {"code": "SPRING", "line": 2}]


def test_an_empty_cell_leaves_the_field_alone():
    assert record(",,", "title,status,expires").values == {"destination_url": URL}


def test_choices_are_found_whatever_their_case():
    assert record("paused", "status").values["status"] == "Paused"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-01-31", datetime(2025, 1, 31)),
        ("2025-01-31 18:05", datetime(2025, 1, 31, 18, 5)),
        ("2025-01-31T18:05:09.123", datetime(2025, 1, 31, 18, 5, 9)),
        ("2025-01-31T18:05:09Z", datetime(2025, 1, 31, 19, 5, 9)),
        ("2020-10-26T17:20:40+0000", datetime(2020, 10, 26, 18, 20, 40)),
        ("2025-07-01 00:00 -05:00", datetime(2025, 7, 1, 7, 0)),
    ],
)
def test_times_are_told_in_the_time_of_the_site(text, expected):
    assert moment(text, PARIS) == expected


def test_tags_are_kept_once_each():
    assert tags_of(" red, Blue;red |  big  shoes,,BLUE") == ("red", "Blue", "big shoes")


# ---------------------------------------------------------------- other shorteners


def test_an_export_of_bitly_keeps_back_halves_titles_tags_and_times():
    (first, second, third) = rows(
        "Link,Custom Link,Destination URL,Title,Tags,Date Created,Total Clicks,Archived\n"
        f'bit.ly/3xYz,https://go.acme.com/Spring,{URL}a,Spring,"red, blue",2020-10-26T17:20:40+0000,"1,234",false\n'
        f"https://bit.ly/3abc/,,{URL}b,,,,7,true\n"
        f"https://bit.ly/3abd?x=1,,,Gone,,,0,\n",
        BITLY,
    )
    assert first.record.values == {"destination_url": f"{URL}a", "short_code": "Spring", "title": "Spring"}
    assert (first.record.tags, first.record.clicks) == (("red", "blue"), 1234)
    assert first.record.created == datetime(2020, 10, 26, 18, 20, 40)
    assert second.record.values == {
        "destination_url": f"{URL}b",
        "short_code": "3abc",
        "status": "Archived",
    }
    assert third.reason.reason == "destination_missing"


def test_what_the_interface_of_bitly_gives_is_understood_too():
    header = "created_at,id,link,custom_bitlinks,long_url,title,archived,tags"
    row = f'2020-10-26T17:20:40+0000,bit.ly/XX,https://bit.ly/XX,"[""https://bit.ly/mine""]",{URL},T,False,"[""a""]"'
    (found,) = rows(f"{header}\n{row}\n", BITLY)
    assert found.record.values == {"destination_url": URL, "short_code": "mine", "title": "T"}
    assert found.record.tags == ("a",)


@pytest.mark.parametrize(
    "header",
    ["keyword,url,title,timestamp,ip,clicks\n", '"keyword","url","title","timestamp","ip","clicks"\n', ""],
)
def test_a_table_of_yourls_keeps_keywords_titles_and_times(header):
    (row,) = rows(f'{header}"ozh","{URL}","Ozh\'s ""blog""","2012-03-04 05:06:07","127.0.0.1","42"\n', YOURLS)
    assert row.record.values == {"destination_url": URL, "short_code": "ozh", "title": 'Ozh\'s "blog"'}
    assert (row.record.created, row.record.clicks) == (datetime(2012, 3, 4, 5, 6, 7), 42)


def test_clicks_of_other_shorteners_are_never_a_value_of_the_link():
    (row,) = rows(f"keyword,url,clicks\na,{URL},many\n", YOURLS)
    assert (row.record.values, row.record.clicks) == ({"destination_url": URL, "short_code": "a"}, 0)


# ---------------------------------------------------------------- templates


TEMPLATE = {
    "url_template": "https://shop.example.com/{page}?size={title}",
    "variables": (Variable("page", rules={"required": True}), Variable("title", "Number", "7")),
}


def test_with_a_template_each_variable_is_a_column():
    (row,) = rows("Page,title,code\nnew shoes,9,abc\n", **TEMPLATE)
    assert row.record.values == {
        "destination_url": "https://shop.example.com/new%20shoes?size=9",
        "short_code": "abc",
    }
    assert row.record.template_values == {"page": "new shoes", "title": "9"}


def test_with_a_template_a_wrong_value_is_the_reason():
    found = rows("page,title\n,9\nx,nine\nx,\n", **TEMPLATE)
    assert [row.reason and row.reason.reason for row in found] == ["value_missing", "value_not_number", None]
    assert found[2].record.values["destination_url"].endswith("?size=7")


# ---------------------------------------------------------------- anything

CELLS = st.text(max_size=12) | st.sampled_from([URL, "spring", '"', '"a', "2025-01-01", "x\ny", "5"])
LINES = st.lists(st.lists(CELLS, max_size=5).map(",".join), max_size=8).map("\n".join)
HEADERS = st.sampled_from(
    ["url,code,title,expires,max_clicks\n", "url;title\n", "link,long_url\n", "keyword,url\n", ""]
)
LAYOUTS = st.sampled_from(FORMATS)


@given(LAYOUTS, HEADERS, LINES | st.text())
def test_whatever_the_text_is_each_row_is_a_record_or_has_a_reason(layout, header, text):
    try:
        found = rows(header + text, layout)
    except Refused:
        return
    assert all((row.record is None) != (row.reason is None) for row in found)
    numbers = [row.line for row in found]
    assert numbers == sorted(set(numbers))


@given(st.lists(st.text(max_size=30), min_size=1))
def test_every_line_of_a_list_is_told_of(lines):
    text = "\n".join(lines)
    expected = [number for number, line in enumerate(csv_text.lines_of(text), 1) if line.strip()]
    try:
        assert [row.line for row in rows(text, URLS)] == expected
    except Refused:
        assert expected == []


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), min_size=1))
def test_what_a_program_wrote_as_csv_is_read_as_it_was(table):
    import csv
    import io

    out = io.StringIO()
    csv.writer(out).writerows([["url", "x"], *table])

    # The ends of lines within a cell become one kind of them, NUL becomes the sign for what can't be shown.
    def plain(cell):
        return cell.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")

    expected = [[plain(cell) for cell in row] for row in table]
    found = [cells for _line, cells in csv_text.records(out.getvalue())][1:]
    assert found == [row for row in expected if any(cell.strip() for cell in row)]


@given(st.binary())
def test_any_bytes_are_some_text(data):
    assert isinstance(csv_text.decode(data), str)


@given(st.text(), st.sampled_from([timezone.utc, PARIS]))
def test_a_time_that_is_none_is_refused_and_nothing_worse(text, zone):
    for candidate in (text, f"{text}-01-01", "0001-01-01T00:00+14:00", "9999-12-31 23:59:59-12:00"):
        try:
            assert moment(candidate, zone).tzinfo is None
        except ValueError:
            continue
