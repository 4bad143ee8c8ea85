"""Imports: good rows become links, bad rows are told, and each is done with the rights of who asked for it."""

from __future__ import annotations

import csv
import io

import frappe
import pytest

from tests import harness
from tests.site import factory
from tests.site.factory import click, make_link, unique
from tests.site.import_steps import attach, finished, links_of, make_import, rows_of, started, state_of
from trackflow.api import imports

URL = "https://example.com"


@pytest.fixture(scope="module")
def manager():
    """A campaign manager who may do nothing else."""
    user = frappe.get_doc(
        doctype="User", email=f"{unique('cm')}@example.com", first_name="Carla", send_welcome_email=0,
        new_password=unique("Pw-8"), roles=[{"role": "Campaign Manager"}],
    )  # fmt: skip
    user.flags.no_welcome_mail = True
    user.insert()
    frappe.db.commit()
    return user.name


# ---------------------------------------------------------------- what is created


def test_good_rows_become_links_and_bad_rows_are_told_with_line_and_reason():
    campaign, code, taken = factory.make_campaign(), unique("c"), make_link()
    doc = make_import(
        "destination_url;short_code;title;campaign;source;max_clicks;tags\n"
        f"{URL}/1;{code};One;{campaign.campaign_id};news;5;red, blue\n"
        "javascript:alert(1);;Two;;;;\n"
        f"{URL}/3;{taken.short_code.upper()};;;;;\n"
        f"{URL}/4;login;;;;;\n"
        f"{URL}/5;;;No such campaign;;;\n"
        f"{URL}/6;{code.upper()};;;;;\n"
        f'{URL}/7;;"Seven\nand more";;;;\n'
    )
    state = finished(doc)
    assert (state.status, state.total_rows, state.created_count, state.failed_count, state.progress) == (
        "Completed with Failures", 7, 2, 5, 100,
    )  # fmt: skip
    one, seven = links_of(doc)
    assert (one.short_code, one.title, one.campaign, one.source, one.max_clicks) == (
        code, "One", campaign.name, "news", 5,
    )  # fmt: skip
    assert click(one).headers["Location"].startswith(f"{URL}/1?utm_source=news")
    assert (seven.destination_url, seven.title) == (f"{URL}/7", "Seven and more")
    reasons = {row.line: row.reason for row in rows_of(doc) if row.outcome == "Failed"}
    expected = {
        3: "must begin with http:// or https://",
        4: f"The short code {taken.short_code.upper()} is taken by another link",
        5: "The short code login is reserved",
        6: "Campaign: there is no No such campaign",
        7: f"The short code {code.upper()} is that of line 2 already",
    }
    assert reasons.keys() == expected.keys()
    assert all(sentence in reasons[line] for line, sentence in expected.items())


def test_the_preview_says_the_same_and_creates_nothing():
    taken = make_link().short_code
    doc = make_import(f"url,code,colour\n{URL},,red\n{URL},{taken},\nhttp://,<b>,\n")
    before = frappe.db.count("Tracked Link")
    found = imports.preview(doc.name)
    assert (found["total"], found["ready"], found["failing"], found["unread"]) == (3, 1, 2, ["colour"])
    assert [(row["line"], bool(row["reason"])) for row in found["rows"]] == [(2, False), (3, True), (4, True)]
    assert frappe.db.count("Tracked Link") == before
    assert rows_of(doc) == []


def test_rows_that_failed_can_be_corrected_and_imported_again():
    doc = make_import(f'url,title,code\n{URL}/a,"A, b",\nnonsense,"C, ""d""",\n{URL}/e,E,login\n')
    finished(doc)
    imports.failed_rows(doc.name)
    report = frappe.response.filecontent
    lines = list(csv.reader(io.StringIO(report.removeprefix("\ufeff"))))
    assert lines[0] == ["Line", "Reason", "url", "title", "code"]
    assert [line[0] for line in lines[1:]] == ["3", "4"]
    assert lines[1][2:] == ["nonsense", 'C, "d"', ""]
    again = make_import(report.replace("nonsense", f"{URL}/c").replace("login", unique("c")))
    assert finished(again).status == "Completed"
    assert [(link.destination_url, link.title) for link in links_of(again)] == [
        (f"{URL}/c", 'C, "d"'),
        (f"{URL}/e", "E"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1", "utf-16"])
def test_a_file_is_read_in_the_encoding_that_it_has(encoding):
    file = attach(f"url\ttitle\n{URL}/ü\tGrün\n".encode(encoding))
    doc = make_import(import_file=file.file_url)
    finished(doc)
    assert [(link.destination_url, link.title) for link in links_of(doc)] == [(f"{URL}/ü", "Grün")]


def test_defaults_hold_where_the_row_says_nothing():
    ours, theirs = factory.make_campaign(), factory.make_campaign()
    doc = make_import(
        f"url,campaign,tags\n{URL}/1,,\n{URL}/2,{theirs.name},own\n", campaign=ours.name, tags="all, big"
    )
    finished(doc)
    first, second = links_of(doc)
    assert (first.campaign, second.campaign) == (ours.name, theirs.name)
    assert tags_of(first) == {"all", "big"}
    assert tags_of(second) == {"all", "big", "own"}


def tags_of(link):
    return set(frappe.db.get_value("Tracked Link", link.name, "_user_tags").split(",")) - {""}


def test_tags_are_those_of_frappe_and_filter_lists():
    tag = unique("tag")
    doc = make_import(f"{URL}/1\n{URL}/2\n", import_format="List of URLs", tags=tag)
    finished(doc)
    names = {link.name for link in links_of(doc)}
    assert len(names) == 2
    assert set(frappe.get_list("Tracked Link", {"_user_tags": ("like", f"%{tag}%")}, pluck="name")) == names
    tagged = frappe.get_all("Tag Link", {"tag": tag, "document_type": "Tracked Link"}, pluck="document_name")
    assert set(tagged) == names


def test_an_export_of_bitly_keeps_codes_titles_tags_and_times_but_no_clicks():
    code, taken = unique("B"), make_link()
    doc = make_import(
        "Link,Custom Link,Destination URL,Title,Tags,Created,Total Clicks\n"
        f"https://bit.ly/3x,https://bit.ly/{code},{URL}/b,Spring,red,2020-10-26T12:00:00+0000,1234\n"
        f"https://bit.ly/{taken.short_code},,{URL}/c,,,,7\n",
        import_format="Bitly",
    )
    finished(doc)
    (link,) = links_of(doc)
    assert (link.short_code, link.title, link.click_count, tags_of(link)) == (code, "Spring", 0, {"red"})
    assert link.creation.year == 2020
    assert "is taken by another link" in rows_of(doc)[1].reason
    assert frappe.db.get_value("Link Import", doc.name, "clicks_elsewhere") == 1234


def test_a_table_of_yourls_keeps_keywords():
    code = unique("y")
    doc = make_import(
        f'"{code}","{URL}/y","Title","2012-03-04 05:06:07","127.0.0.1","42"\n', import_format="YOURLS"
    )
    finished(doc)
    (link,) = links_of(doc)
    assert (link.short_code, link.title, str(link.creation)[:10]) == (code, "Title", "2012-03-04")


def test_links_are_made_from_a_template_with_one_column_a_variable():
    template = frappe.get_doc(
        doctype="Link Template", template_name=unique("T"), url_template="https://example.com/{page}?n={n}",
        variables=[{"variable_name": "page"}, {"variable_name": "n", "variable_type": "Number"}],
    ).insert()  # fmt: skip
    doc = make_import("page,n,title\na b,1,First\nc,x,Second\n", link_template=template.name)
    finished(doc)
    (link,) = links_of(doc)
    assert (link.destination_url, link.title) == ("https://example.com/a%20b?n=1", "First")
    assert (link.link_template, frappe.parse_json(link.template_values)) == (
        template.name,
        {"page": "a b", "n": "1"},
    )
    assert rows_of(doc)[1].reason == "n: x is not a number. Enter it like 1200 or 12.50."


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "There are no rows"),
        (b"PK\x03\x04rest", "This is a spreadsheet"),
        (b"title\nx\n", "There is no column for the destination among title"),
        (b"https://example.com/\n", "The first line has to name the columns"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_a_sentence(content, sentence):
    doc = make_import(import_file=attach(content or b" ").file_url)
    with pytest.raises(frappe.ValidationError, match=sentence):
        imports.preview(doc.name)
    started(doc)
    state = harness.wait_until(lambda: state_of(doc) if state_of(doc).status == "Failed" else None, 60)
    assert sentence in state.message


def test_an_import_has_exactly_one_source():
    with pytest.raises(frappe.ValidationError, match="Attach a file or paste the links"):
        make_import("")
    with pytest.raises(frappe.ValidationError, match="Choose either a file or a pasted text"):
        make_import(URL, import_file=attach(b"x").file_url)


def test_an_import_that_has_begun_cannot_be_changed_or_begun_again():
    doc = make_import(URL, import_format="List of URLs")
    finished(doc)
    with pytest.raises(frappe.ValidationError, match="can't be changed"):
        factory.change(doc, pasted_text=f"{URL}/other")
    frappe.db.rollback()
    with pytest.raises(frappe.ValidationError, match="is completed"):
        imports.start(doc.name)


def test_nobody_can_pretend_that_an_import_has_progressed():
    doc = make_import(URL, status="Completed", created_count=9)
    assert (doc.status, doc.created_count or 0) == ("Draft", 0)
    factory.change(doc, status="Running", created_count=9)
    assert state_of(doc).status == "Draft"


# ---------------------------------------------------------------- rights


def test_links_are_created_with_the_rights_and_in_the_name_of_the_user(manager):
    frappe.set_user(manager)
    doc = make_import(f"{URL}/1\n", import_format="List of URLs")
    finished(doc)
    (link,) = links_of(doc)
    assert (link.owner, link.created_by) == (manager, manager)


def test_a_file_that_the_user_may_not_read_is_not_imported(manager):
    secret = attach(f"url\n{URL}/secret\n".encode())
    frappe.set_user(manager)
    doc = frappe.get_doc(doctype="Link Import", import_format="CSV", import_file=secret.file_url)
    doc.flags.ignore_links = True
    doc.insert()
    # Frappe itself ties files to documents that name them, as if the user had attached them.
    frappe.db.delete("File", {"file_url": secret.file_url, "name": ("!=", secret.name)})
    frappe.db.set_value("File", secret.name, "attached_to_name", None)
    with pytest.raises(frappe.PermissionError):
        imports.preview(doc.name)


def test_guests_have_no_part_in_imports(http):
    doc = make_import(URL)
    for method in ("preview", "start", "stop", "state", "failed_rows"):
        answer = http.get(f"/api/method/trackflow.api.imports.{method}", params={"name": doc.name})
        assert answer.status_code == 403
