"""« Ma famille », field by field: read, checked, written or proposed, decided, put back.

Which fields there are is said by `families.fields`; health, contacts and permissions are in `families.care`.
"""
