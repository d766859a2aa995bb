"""A file of definitions as entries: each thing with its values, by its kind and its keys. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.utils.translation import gettext

from marelle.core.actor import Role
from marelle.definitions.kinds import DEPTH, EVERY, KINDS, Kind
from marelle.definitions.models import KEY_LENGTH
from marelle.definitions.reading import (
    UNREAD,
    At,
    DefinitionsRefused,
    Fault,
    Node,
    key_plain,
    line_of,
    nearest,
    pairs,
    parsed,
    scalar,
    unknown,
)
from marelle.definitions.values import (
    MAIL,
    YES_NO,
    Field,
    Path,
    Reference,
    Several,
    Text,
    Value,
    fields_read,
    missing_noted,
)

FORMAT: Final = "1"
KEY: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

Id = tuple[str, Path]
"""A kind and the keys that lead to one of it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`values` by attribute, what leads elsewhere as whole paths; `lines`: of each of them. Of a file, a
    value that is not said is not there."""

    kind: Kind
    path: Path
    values: Mapping[str, Any]
    line: int = 0
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def id(self) -> Id:
        return self.kind.name, self.path

    @property
    def where(self) -> str:
        """As the file leads there."""
        if self.kind.is_single:
            return self.kind.word
        top = parent_of(self.kind) or self.kind
        words = (top.word, self.path[0], *((self.kind.word, self.path[1]) if self.kind.parent else ()))
        return " › ".join(words)

    def fault(self, words: str, attr: str = "") -> Fault:
        named = next((one.word for one in self.kind.fields if one.attr == attr), "")
        path = f"{self.where} › {named}" if named else self.where
        return Fault(self.lines.get(attr, self.line), path, words)


@dataclass(frozen=True, slots=True)
class Agent:
    """Who is to be invited: `posts` are roles with the path of their place, none of an administrator."""

    key: str
    name: str
    email: str
    posts: tuple[tuple[Role, Path | None], ...]
    line: int
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Definitions:
    entries: Mapping[Id, Entry]
    agents: tuple[Agent, ...] = ()


AGENT: Final = (
    Field("nom", "name", Text(150)),
    Field("courriel", "email", MAIL),
    Field("administration", "administrator", YES_NO, default=False),
    Field("guichet", "office", Several(Reference("authority")), default=()),
    Field("direction", "director", Several(Reference("structure")), default=()),
    Field("animation", "animator", Several(Reference("structure")), default=()),
)
AGENTS: Final = "premiers agents"


def parent_of(kind: Kind) -> Kind | None:
    """The kind under which it stands in the file."""
    return next((one for one in KINDS if kind in one.parts), None)


def definitions_read(text: str, known: Collection[Id] = ()) -> Definitions:
    """What a file says, all that it leads to being in it or `known`. Raises DefinitionsRefused with all that
    is wrong."""
    at = At()
    entries: dict[Id, Entry] = {}
    agents: list[Agent] = []
    root = parsed(text)
    if root is None:
        raise DefinitionsRefused(faults=(Fault(0, "", gettext("Le fichier est vide.")),))
    sections = {key_plain(kind.word): kind for kind in KINDS}
    for key, word, node in pairs(root, at):
        if key_plain(word) == "format":
            if scalar(node, at) != FORMAT:
                at.under(word).fault(node, gettext("seul le format 1 est lu par cette version."))
        elif key_plain(word) == AGENTS:
            agents = _agents(node, at.under(AGENTS))
        elif (kind := sections.get(key_plain(word))) is not None:
            _section(kind, (), node, at.under(kind.word), entries)
        else:
            words = ["format", *(one.word for one in KINDS), AGENTS]
            at.under(word).fault(key, unknown(word, words))
    there = {*entries, *known}
    entries = {pk: _led(one, entries, there, at.faults) for pk, one in entries.items()}
    agents = [_posted(agent, there, at) for agent in agents]
    if at.faults:
        raise DefinitionsRefused(faults=tuple(dict.fromkeys(at.faults)))
    return Definitions(_excluded_both_ways(entries), tuple(agents))


def _section(kind: Kind, under: Path, node: Node, at: At, entries: dict[Id, Entry]) -> None:
    if kind.is_single:
        read, lines = fields_read(kind.fields, node, at)
        values = {name: one for name, one in read.items() if one is not UNREAD}
        entries[kind.name, (kind.word,)] = Entry(kind, (kind.word,), values, line_of(node), lines)
        return
    parts = tuple(Field(part.word, part.name, _Part()) for part in kind.parts)
    for key, word, value in pairs(node, at):
        here = at.under(word)
        if len(word) > KEY_LENGTH or not KEY.fullmatch(word):
            told = gettext(
                "une clé s’écrit en minuscules sans accent, chiffres et tirets, comme « %(key)s »."
            )
            here.fault(key, told % {"key": slug(word) or "ma-cle"})
            continue
        path = (*under, word)
        read, lines = fields_read((*kind.fields, *parts), value, here)
        missing_noted(kind.fields, read, line_of(key), here)
        values = {name: one for name, one in read.items() if not isinstance(one, _Kept) and one is not UNREAD}
        entries[kind.name, path] = Entry(kind, path, values, line_of(key), lines)
        for part in kind.parts:
            kept = read.get(part.name)
            if isinstance(kept, _Kept):
                _section(part, path, kept.node, here.under(part.word), entries)


@dataclass(frozen=True)
class _Kept:
    node: Node


class _Part(Value):
    """What stands under an entry is read once it is."""

    def read(self, node: Node, at: At) -> Any:  # noqa: ARG002
        return _Kept(node)


def whole_path(kind: str, path: Path, entry: Entry, entries: Mapping[Id, Entry]) -> Path:
    """A path as `entry` says it, with the key under which it stands itself where it leaves it out: its
    activity for a slot or a group, the structure of that for a gauge."""
    if len(path) != DEPTH[kind] - 1:
        return path
    if kind != "gauge":
        return (entry.path[0], *path)
    activity = entries.get(("activity", entry.path[:1]))
    structure = activity.values.get("structure") if activity else None
    return (*structure, *path) if isinstance(structure, tuple) else path


def short_path(kind: str, path: Path, entry: Entry, entries: Mapping[Id, Entry]) -> Path:
    """The other way: without what `entry` need not say."""
    if len(path) < 2:
        return path
    return path[1:] if whole_path(kind, path[1:], entry, entries) == path else path


def _led(entry: Entry, entries: Mapping[Id, Entry], there: Collection[Id], faults: list[Fault]) -> Entry:
    """With whole paths, each to something that is there."""
    values = dict(entry.values)
    for one in entry.kind.fields:
        held = values.get(one.attr)
        if held is None:
            continue

        def lead(kind: str, path: Path, one: Field = one) -> Path:
            found = whole_path(kind, path, entry, entries)
            if (kind, found) not in there:
                faults.append(entry.fault(_missing(kind, path, there), one.attr))
            return found

        values[one.attr] = one.value.mapped(held, lead)
    return replace(entry, values=values)


def _missing(kind: str, path: Path, there: Collection[Id]) -> str:
    typed = "/".join(path)
    known = ["/".join(one if "/" in typed else one[-1:]) for name, one in there if name == kind]
    near = nearest(typed, known)
    section = EVERY[kind].word
    if near:
        return gettext("« %(typed)s » n’est pas dans « %(section)s » : vouliez-vous dire « %(near)s » ?") % {
            "typed": typed,
            "section": section,
            "near": near,
        }
    return gettext("« %(typed)s » n’est pas dans « %(section)s ».") % {"typed": typed, "section": section}


def _excluded_both_ways(entries: Mapping[Id, Entry]) -> dict[Id, Entry]:
    """A slot that excludes another is excluded by it, whichever of both says so."""
    found = dict(entries)
    for entry in entries.values():
        for path in entry.values.get("excludes", ()) if entry.kind.name == "slot" else ():
            other = found.get(("slot", path))
            if other is not None and entry.path not in other.values.get("excludes", ()):
                both = tuple(sorted({*other.values.get("excludes", ()), entry.path}))
                found[other.id] = replace(other, values={**other.values, "excludes": both})
    return found


def _agents(node: Node, at: At) -> list[Agent]:
    found = []
    for key, word, value in pairs(node, at):
        here = at.under(word)
        read, lines = fields_read(AGENT, value, here)
        missing_noted(AGENT, read, line_of(key), here)
        posts: list[tuple[Role, Path | None]] = []
        if read.get("administrator") is True:
            posts.append((Role.ADMINISTRATOR, None))
        for role in (Role.OFFICE, Role.DIRECTOR, Role.ANIMATOR):
            places = read.get(role.value, ())
            posts += [(role, place) for place in places] if isinstance(places, tuple) else []
        if not posts and UNREAD not in read.values():
            here.fault(key, gettext("dites son rôle : administration, guichet, direction ou animation."))
        name, email = read.get("name"), read.get("email")
        if isinstance(name, str) and isinstance(email, str):
            found.append(Agent(word, name, email, tuple(posts), line_of(key), lines))
    return found


def _posted(agent: Agent, there: Collection[Id], at: At) -> Agent:
    for role, path in agent.posts:
        kind = "authority" if role is Role.OFFICE else "structure"
        if path is not None and (kind, path) not in there:
            here = at.under(f"{AGENTS} › {agent.key}")
            here.fault(agent.lines[role.value], _missing(kind, path, there))
    return agent


def slug(text: str, longest: int = KEY_LENGTH) -> str:
    """A key of a name: "École d’Arelle" gives "ecole-d-arelle"; "" of one without letters."""
    return "-".join(re.findall(r"[a-z0-9]+", key_plain(text)))[:longest].strip("-")
