"""A commission for places in crèche, on the demands of the guichet unique: prepared, sat, answered.

The rule, the draw, the file and the verifier are those of campaigns. Not here: the demands themselves
(`relay`), nor screens.
"""
