"""What an authority decides, as one file that people read: its places, calendars, activities and their rules.

`reading` (YAML with lines), `values` and `rules` (what a key holds), `kinds` (what is in the file), `tree`
and `dumping` are pure; `held` reads the tables as such a file says them; `difference` compares both;
`services` writes what differs, through the services of the domains. What families did is in no file.
"""
