"""A reader of archives that was taken over: whatever it is asked, it has one more file to tell of."""

import sys

sys.stdout.write('{"name": "1.pdf", "code": "broken"}\n')
