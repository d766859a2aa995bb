"""What the services of messages answer when a rule says no."""

from __future__ import annotations

from marelle.core.refusals import Refusal


class NotAColleague(Refusal):
    """Whoever it is given to does not answer for the thread's structure."""

    def __init__(self) -> None:
        super().__init__("not_a_colleague")


class Unwritten(Refusal):
    """`code`: "empty" or "too_long" (`limit` in signs), with the `field` that it is about."""


class Closed(Refusal):
    """The thread is closed: it passes to nobody until it is opened again."""

    def __init__(self) -> None:
        super().__init__("closed")


class ClosedAlready(Refusal):
    """A colleague, `closed_by`, has closed the thread since it was shown."""

    def __init__(self, closed_by: str) -> None:
        super().__init__("closed_already", closed_by=closed_by)


class PassedToItself(Refusal):
    """The service that a thread was passed to holds it already."""

    def __init__(self) -> None:
        super().__init__("passed_to_itself", field="to")


class AssignedMeanwhile(Refusal):
    """A colleague has given the thread to another, `to`, since it was shown; "" for nobody in particular."""

    def __init__(self, to: str) -> None:
        super().__init__("assigned_meanwhile", to=to)


class PassedMeanwhile(Refusal):
    """A colleague has passed it to another service since it was shown."""

    def __init__(self) -> None:
        super().__init__("passed_meanwhile")


class FieldLeft(Refusal):
    """The answer still holds a field of its template, `name`, between braces."""

    def __init__(self, name: str) -> None:
        super().__init__("field_left", field="text", name=name)


class TitleTaken(Refusal):
    """Another reply template there has this title."""

    def __init__(self) -> None:
        super().__init__("title_taken", field="title")


class TooManyReplies(Refusal):
    """The authority has `limit` reply templates already."""

    def __init__(self, limit: int) -> None:
        super().__init__("too_many_replies", limit=limit)


class TooManyFiles(Refusal):
    """More than `limit` files joined to one message."""

    def __init__(self, limit: int) -> None:
        super().__init__("too_many_files", limit=limit)
