"""Reminders of bills that are late: amicable ones, by an office or a régie.

The comptable public alone recovers what is owed: a reminder adds no fee, and threatens with no law
(instruction codificatrice n° 06-031-A-B-M of the régies, article L. 1617-5 of the code général des
collectivités territoriales for the recovery itself).
"""
