"""Every write on accounts."""

from marelle.accounts.services.closing import account_close
from marelle.accounts.services.connections import connection_close, connection_open
from marelle.accounts.services.credentials import (
    account_recognise,
    email_change,
    email_confirm,
    identifier_change,
    notice_stop,
    notices_choose,
    password_change,
)
from marelle.accounts.services.devices import (
    device_close,
    device_forget,
    device_moved,
    device_open,
    device_seen,
    devices_close,
    devices_end,
)
from marelle.accounts.services.invitations import (
    FOR_AN_AGENT,
    InvitationSent,
    account_activate,
    account_invite,
    invitation_resend,
    invitation_revoke,
)
from marelle.accounts.services.merging import account_merge
from marelle.accounts.services.passwords import link_owner, password_ask, password_choose
from marelle.accounts.services.remembered import browser_forget, browser_remember
from marelle.accounts.services.second import (
    account_recognise_second,
    authenticator_add,
    authenticator_remove,
    connection_by_passkey,
    connection_finish,
    let_in_give,
    passkey_add,
    passkey_name,
    passkey_remove,
    recovery_codes_renew,
)

__all__ = [
    "FOR_AN_AGENT",
    "InvitationSent",
    "account_activate",
    "account_close",
    "account_invite",
    "account_merge",
    "account_recognise",
    "account_recognise_second",
    "authenticator_add",
    "authenticator_remove",
    "browser_forget",
    "browser_remember",
    "connection_by_passkey",
    "connection_close",
    "connection_finish",
    "connection_open",
    "device_close",
    "device_forget",
    "device_moved",
    "device_open",
    "device_seen",
    "devices_close",
    "devices_end",
    "email_change",
    "email_confirm",
    "identifier_change",
    "invitation_resend",
    "invitation_revoke",
    "let_in_give",
    "link_owner",
    "notice_stop",
    "notices_choose",
    "passkey_add",
    "passkey_name",
    "passkey_remove",
    "password_ask",
    "password_change",
    "password_choose",
    "recovery_codes_renew",
]
