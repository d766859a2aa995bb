"""How stored files are exported, merged, erased and kept."""

from __future__ import annotations

from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register
from marelle.files.models import StoredFile

register(
    PersonalData(
        model=StoredFile,
        path="family_id",
        export=("name", "kind", "size", "pages", "stored_at", "stored_by", "scan", "scan_at"),
        unexported={"where the content lies, which is handed over itself": ("key", "sha256")},
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=Keep(months=0, since=Since.ROW),
    )
)
