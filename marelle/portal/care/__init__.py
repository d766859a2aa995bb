"""A child's care on the family side: health, who may fetch it, authorisations, the permission of one day."""
