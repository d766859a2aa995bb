"""Every address by every role. 302 to the login page is written `in`, any other redirection `302`."""

from __future__ import annotations

from tests.roles.activities import ACTIVITIES
from tests.roles.bills import BILLS
from tests.roles.desk import DESK
from tests.roles.families import FAMILIES
from tests.roles.guests import whole
from tests.roles.moving import MOVING
from tests.roles.settings import SETTINGS
from tests.test_routes import ROUTES

ROWS = {**FAMILIES, **DESK, **ACTIVITIES, **BILLS, **MOVING, **SETTINGS}

TABLE = {key: whole(key, row) for key, row in ROWS.items()}

ADDRESSES = sorted({address for address, _route in ROUTES if not address.startswith("/administration/")})
