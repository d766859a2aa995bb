"""One home becomes two: who leaves has a file of its own, and what each knew of the other ends that day.

`plan` is what an agent wishes, with the rules that need no database; `preview` reads what it would do;
`fates` says for each table what goes with a person; `services` does all of it in one transaction.
"""
