"""Posts given and taken back, agents invited and suspended.

Who answers for a post is in `scope.answers_for`. Nobody changes its own posts, and the portal keeps an
administrator: both are checked here, whatever the screen showed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from marelle.accounts.models import User
from marelle.accounts.services import (
    FOR_AN_AGENT,
    InvitationSent,
    account_invite,
    account_sign_out,
    invitation_resend,
    invitation_revoke,
    let_in_give,
)
from marelle.core.actor import Actor, Power, Role
from marelle.core.clock import local
from marelle.core.refusals import ChangedMeanwhile, NotYours, Refusal
from marelle.core.subject import Subject
from marelle.journal.services import Act, record_many
from marelle.places.locks import portal_locked
from marelle.places.models import Post, PostQuerySet
from marelle.places.posts.employments import employments_follow
from marelle.places.posts.selectors import givable
from marelle.places.scope import answers_for

PLACES = {
    Role.ADMINISTRATOR: (False, False),
    Role.OFFICE: (True, False),
    Role.DIRECTOR: (False, True),
    Role.ANIMATOR: (False, True),
}
"""Whether a role holds in an authority, and whether in a structure."""


class PostRefused(Refusal):
    """`code`: "scope_does_not_fit" when the role wants another place than the one given, "not_allowed",
    "own_posts", "no_post" when none is given, "last_administrator", and for an invitation "account_exists"
    (`label`, that of the account that has the address), "address_shared" or "invited_already"; "guest" of an
    account, or an address, that is a guest's."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The account that was invited (`sent`), or that existed and has its posts at once (`sent` None)."""

    user_id: int
    sent: InvitationSent | None = None


@transaction.atomic
def post_give(*, actor: Actor, user_id: int, power: Power, now: datetime) -> Post:
    """Give an account a post; giving the same one twice changes nothing. Raises PostRefused."""
    if (power.authority_id is not None, power.structure_id is not None) != PLACES[power.role]:
        raise PostRefused("scope_does_not_fit")
    _check(actor, user_id, {power})
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    _give(actor, user, {power}, now)
    return Post.objects.get(user=user, **_row(power))


@transaction.atomic
def agent_invite(
    *,
    actor: Actor,
    name: str,
    email: str,
    powers: Collection[Power],
    is_same: bool = False,
    now: datetime,
) -> Joined:
    """Invite somebody to work in the portal, with its posts from now on.

    One whose address an account already has, a parent's perhaps, gets its posts on that account, if the actor
    said that it `is_same`. Raises PostRefused.
    """
    _check(actor, None, powers)
    # Of two invitations at once to one address, the second finds the first.
    portal_locked()
    if Post.objects.filter(user__email__iexact=email, user__is_active=False).exists():
        raise PostRefused("invited_already")
    if User.objects.filter(email__iexact=email).exclude(guest="").exists():
        raise PostRefused("guest")
    known = list(User.objects.reached_by(email)[:2])
    if len(known) > 1:
        raise PostRefused("address_shared")
    if known and not is_same:
        raise PostRefused("account_exists", label=str(known[0]))
    if known:
        _check(actor, known[0].pk, powers)
        user = User.objects.select_for_update(no_key=True).get(pk=known[0].pk)
        _give(actor, user, powers, now)
        return Joined(user.pk)
    sent = account_invite(actor=actor, label=name, email=email, kind=FOR_AN_AGENT, now=now)
    _give(actor, User.objects.get(pk=sent.user_id), powers, now)
    return Joined(sent.user_id, sent)


@transaction.atomic
def agent_invite_again(*, actor: Actor, user_id: int, now: datetime) -> InvitationSent:
    """Another link, to the same address. Raises NotYours, AlreadyActive, or PostRefused of oneself."""
    user, posts = _agent(actor, user_id)
    if not posts.held().exists():
        raise NotYours
    return invitation_resend(actor=actor, user_id=user.pk, kind=FOR_AN_AGENT, now=now)


@transaction.atomic
def agent_posts_set(
    *, actor: Actor, user_id: int, powers: Collection[Power], seen: Collection[Power], now: datetime
) -> int:
    """Make the posts of an agent, those that the actor answers for, be `powers`. Returns how many changed.
    Its sessions end where one is taken.

    `seen` are those that the page showed. A suspended post that stays, stays suspended. Raises NotYours,
    ChangedMeanwhile or PostRefused.
    """
    _check(actor, user_id, powers)
    user, posts = _agent(actor, user_id)
    held = {power_of(post): post for post in posts}
    if set(held) == set(powers):
        return 0
    if set(held) != set(seen):
        raise ChangedMeanwhile
    wanted = {_place(power): power for power in powers}
    taken = [post for power, post in held.items() if _place(power) not in wanted]
    _keep_an_administrator(taken)
    Post.objects.filter(pk__in=[post.pk for post in taken]).delete()
    if taken:
        account_sign_out(user_id=user.pk)
    _tell(actor, user, "post.taken", taken, now)
    kept = [(post, wanted[_place(power)]) for power, post in held.items() if _place(power) in wanted]
    changed = _incomes_set(actor, user, kept, now)
    there = {_place(power) for power in held}
    given = _give(actor, user, [power for power in powers if _place(power) not in there], now)
    return len(taken) + changed + given


@transaction.atomic
def agent_suspend(*, actor: Actor, user_id: int, now: datetime) -> int:
    """Take the power of an agent's posts, those that the actor answers for, and close its sessions at once.

    An invitation that waits is taken back. Returns how many posts. Raises NotYours or PostRefused.
    """
    user, posts = _agent(actor, user_id)
    suspended = list(posts.held())
    _keep_an_administrator(suspended)
    Post.objects.filter(pk__in=[post.pk for post in suspended]).update(suspended_at=now)
    account_sign_out(user_id=user.pk)
    employments_follow(user_id=user.pk, day=local(now).date())
    if not Post.objects.held().filter(user=user).exists():
        invitation_revoke(user_id=user.pk, now=now)
    _tell(actor, user, "post.suspended", suspended, now)
    return len(suspended)


@transaction.atomic
def agent_resume(*, actor: Actor, user_id: int, now: datetime) -> int:
    """Give back what `agent_suspend` took. Returns how many posts. Raises NotYours or PostRefused."""
    user, posts = _agent(actor, user_id)
    suspended = list(posts.exclude(suspended_at=None))
    Post.objects.filter(pk__in=[post.pk for post in suspended]).update(suspended_at=None)
    employments_follow(user_id=user.pk, day=local(now).date())
    _tell(actor, user, "post.resumed", suspended, now)
    return len(suspended)


@transaction.atomic
def agent_let_in(*, actor: Actor, user_id: int, reason: str, now: datetime) -> None:
    """Let an agent in once without its second factor. Raises NotYours, accounts' NoSecond, or PostRefused: of
    oneself, and of who has a post that is not the actor's to give."""
    user, _posts = _agent(actor, user_id)
    posts_check_all(actor, user_id)
    let_in_give(actor=actor, user=user, reason=reason, now=now)


def posts_check_all(actor: Actor, user_id: int) -> None:
    """Raises PostRefused where an account has a post that the actor does not answer for: who lets it in would
    open more than it gives."""
    if user_id == actor.user_id:
        raise PostRefused("own_posts")
    mine = Post.objects.filter(answers_for(actor), user_id=user_id).values("pk")
    if Post.objects.filter(user_id=user_id).exclude(pk__in=mine).exists():
        raise PostRefused("not_allowed")


def power_of(post: Post) -> Power:
    return Power(Role(post.role), post.authority_id, post.structure_id, post.reads_incomes)


def _place(power: Power) -> Power:
    """Which post it is, whatever it reads."""
    return replace(power, reads_incomes=False)


def _row(power: Power) -> dict[str, Any]:
    return {
        "role": power.role.value,
        "authority_id": power.authority_id,
        "structure_id": power.structure_id,
    }


def _check(actor: Actor, user_id: int | None, powers: Collection[Power]) -> None:
    """Raises PostRefused unless the actor may give all of these, to somebody else than itself."""
    if user_id is not None and user_id == actor.user_id:
        raise PostRefused("own_posts")
    if user_id is None and not powers:
        raise PostRefused("no_post")
    if not set(powers) <= givable(actor).powers():
        raise PostRefused("not_allowed")


def _agent(actor: Actor, user_id: int) -> tuple[User, PostQuerySet]:
    """The account, locked, and its posts that the actor answers for."""
    if user_id == actor.user_id:
        raise PostRefused("own_posts")
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    posts = Post.objects.filter(answers_for(actor), user_id=user_id).order_by("pk")
    if user is None or not posts.exists():
        raise NotYours
    return user, posts


def _give(actor: Actor, user: User, powers: Collection[Power], now: datetime) -> int:
    """Posts that are there already are left, or given back. Returns how many are new. Raises PostRefused of a
    guest."""
    if user.guest:
        raise PostRefused("guest")
    given, resumed, there = [], [], []
    for power in powers:
        reads = {"reads_incomes": power.reads_incomes}
        post, created = Post.objects.get_or_create(user=user, **_row(power), defaults=reads)
        if created:
            given.append(post)
            continue
        there.append((post, replace(power, reads_incomes=power.reads_incomes or post.reads_incomes)))
        if post.suspended_at is not None:
            resumed.append(post)
    Post.objects.filter(pk__in=[post.pk for post in resumed]).update(suspended_at=None)
    employments_follow(user_id=user.pk, day=local(now).date())
    _tell(actor, user, "post.resumed", resumed, now)
    _tell(actor, user, "post.given", given, now)
    return len(given) + _incomes_set(actor, user, there, now)


def _incomes_set(actor: Actor, user: User, posts: Iterable[tuple[Post, Power]], now: datetime) -> int:
    """Whether posts that stay read incomes. Returns how many changed."""
    changed = [(post, power) for post, power in posts if post.reads_incomes != power.reads_incomes]
    for post, power in changed:
        post.reads_incomes = power.reads_incomes
        post.save(update_fields=["reads_incomes"])
    _tell(actor, user, "post.incomes", [post for post, _power in changed], now)
    return len(changed)


def _keep_an_administrator(leaving: Iterable[Post]) -> None:
    """Raises PostRefused when nobody would administer the portal any more. Takes the lock of all who do."""
    if not any(post.role == Role.ADMINISTRATOR for post in leaving):
        return
    administrators = Post.objects.select_for_update(of=("self",)).filter(role=Role.ADMINISTRATOR)
    left = [post.pk for post in administrators.order_by("pk") if post.suspended_at is None]
    staying = Post.objects.filter(pk__in=left, user__is_active=True)
    if not staying.exclude(pk__in=[post.pk for post in leaving]).exists():
        raise PostRefused("last_administrator")


def _tell(actor: Actor, user: User, verb: str, posts: Iterable[Post], now: datetime) -> None:
    """Write down what became of these posts. Django's administration opens with the post of administrator,
    and closes with it."""
    subject = Subject("account", user.pk, str(user))
    acts = [Act(verb, subject, data=_named(post)) for post in posts]
    record_many(actor=actor, acts=acts, now=now)
    if any(act.data and act.data["role"] == Role.ADMINISTRATOR for act in acts):
        administers = Post.objects.held().filter(user=user, role=Role.ADMINISTRATOR).exists()
        User.objects.filter(pk=user.pk).update(is_staff=administers, is_superuser=administers)


def _named(post: Post) -> dict[str, str | int | None]:
    authority_id = post.structure.authority_id if post.structure else post.authority_id
    return {
        "role": post.role,
        "place": str(post.authority or post.structure or ""),
        "authority": authority_id,
        "reads_incomes": post.reads_incomes,
    }
