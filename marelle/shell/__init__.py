"""What stands around every page of both sides: their menus, who may open each entry, and whose account it is.

`ui` draws it and knows no role; `portal` and `agents` are shown in it, and neither knows the other.
"""
