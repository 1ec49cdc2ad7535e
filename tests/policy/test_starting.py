"""The three templates, and the questions that fill them."""

from __future__ import annotations

import tomllib

import pytest

from privmask.errors import PlanError
from privmask.policy import check_site, site_from
from privmask.policy.articles import title
from privmask.policy.fields import TO_FILL_IN
from privmask.policy.starting import MANAGERS_KEY, TEMPLATES, Template, filled, gaps, questions, template_text
from tests.policy.sites import NOON

ANSWERS = {"key": f"SHA256:{'a' * 43}", "day": "2026年4月1日", "count": "30", "text": '中央の"角" \\ 1番'}


def answered(template: Template) -> str:
    answers = {each.label: ANSWERS[each.kind] for each in questions(template) if each.kind != "drawn"}
    later = {label: "2027-03-31" for label in answers if label.endswith("任期の末日")}
    return filled(template, {**answers, **later})


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_complains_about_nothing_but_what_is_to_be_filled_in(template: Template) -> None:
    text = template_text(template)
    found = check_site(text.encode())
    assert {each.text.ja for each in found if "まだ記入されていません" not in each.text.ja} == set()
    assert len(found) == gaps(text) == text.count(f'"{TO_FILL_IN}')
    assert all(each.line for each in found)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_has_no_retention_of_its_own(template: Template) -> None:
    retention = tomllib.loads(template_text(template))["retention"]
    assert all(str(value).startswith(TO_FILL_IN) for value in retention.values())


@pytest.mark.parametrize("template", TEMPLATES)
def test_answers_and_drawn_corners_make_rules_that_stand(template: Template) -> None:
    text = answered(template)
    assert gaps(text) == 1  # the corners, which are drawn and not asked
    whole = text.replace(f'"{TO_FILL_IN}：私的空間の頂点"', "[[1, 1], [9, 1], [9, 9]]")
    site = site_from(whole.encode(), at=NOON)
    assert site.contact.phone == ANSWERS["text"]
    assert title(site).endswith("防犯カメラの設置及び運用に関する規程")


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_gap_has_its_question_in_both_languages(template: Template) -> None:
    for question in questions(template):
        assert question.asked.ja
        assert question.asked.en.isascii()


def test_an_unanswered_question_leaves_its_gap() -> None:
    assert filled("road", {}) == template_text("road")
    assert filled("road", {"制定日": "  "}) == template_text("road")


@pytest.mark.parametrize(
    ("label", "answer"),
    [
        ("制定日", "2026-02-30"),
        ("制定日", "soon"),
        ("複写の保存日数", "thirty"),
        ("複写の保存日数", "0"),
        ("複写の保存日数", "-3"),
        ("設置者の名称", "a\x1b[2J"),
        ("設置者の名称", "x" * 201),
        (MANAGERS_KEY, "SHA256:abc"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_in_both_languages(label: str, answer: str) -> None:
    with pytest.raises(PlanError) as refusal:
        filled("road", {label: answer})
    assert refusal.value.text is not None


@pytest.mark.parametrize("answer", ["2026-4-1", "2026/04/01", "2026年4月1日", "2026.4.1", " 2026-04-01 "])
def test_a_day_may_be_written_as_people_write_it(answer: str) -> None:
    assert "established_on = 2026-04-01 " in filled("road", {"制定日": answer})


def test_full_width_digits_are_digits() -> None:
    assert "copies_days = 30 " in filled("road", {"複写の保存日数": "\uff13\uff10"})
