"""The whole of what an authority holds, for another software or another portal: definitions, a documented CSV
for each table, and the files as they were sent. What a backup keeps is for this portal alone; this is read by
anybody."""
