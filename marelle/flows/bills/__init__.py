"""The bills of a month: from what homes booked and what was seen to what each owes. What a bill is, how it is
numbered and who may read it are in `billing`."""
