"""Two files that turn out to be of one home become one.

`matching` says who is likely the same and where the two files differ, `preview` reads that for an agent,
`rows` moves what points at the file left as the registry of personal data says, `settling` decides where the
two have a row of which there may be one, `services` does all of it in one transaction.
"""
