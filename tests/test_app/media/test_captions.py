"""Who was away reads what was said meanwhile, in order, each once."""

from sotto_app.media.captions import MOST_WAITING, CaptionLine
from sotto_signaling.messages import Caption, Message


class Page:
    def __init__(self) -> None:
        self.is_there = True
        self.read = list[Message]()

    def send(self, message: Message) -> bool:
        if self.is_there:
            self.read.append(message)
        return self.is_there


def caption(number: int, final: bool = True) -> Caption:
    return Caption(False, number, f"phrase {number}", final, False)


def test_what_is_final_waits_for_the_page() -> None:
    page, line = Page(), CaptionLine()
    line.give([caption(0)], page.send)
    page.is_there = False
    line.give([caption(1), caption(2, final=False)], page.send)
    line.give([caption(2)], page.send)
    page.is_there = True
    line.give([caption(3, final=False)], page.send)
    line.give([], page.send)
    assert page.read == [caption(0), caption(1), caption(2), caption(3, final=False)]


def test_a_page_that_stays_away_has_the_last_ones() -> None:
    page, line = Page(), CaptionLine()
    page.is_there = False
    for number in range(MOST_WAITING + 7):
        line.give([caption(number)], page.send)
    page.is_there = True
    line.give([], page.send)
    assert page.read == [caption(number) for number in range(7, MOST_WAITING + 7)]
