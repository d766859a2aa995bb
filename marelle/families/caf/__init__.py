"""What the CAF or the MSA says of a home, asked through the State's API Particulier once somebody agreed.

Reading its answers, asking it and what is kept of an agreement live here. Whom to ask about and when is in
`flows.incomes`; what becomes of an answer is a change of the file like any other (`families.file`).
"""
