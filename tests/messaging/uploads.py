"""Files as a browser sends them."""

from __future__ import annotations

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def a_picture(name: str = "photo.png") -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), "image/png")


def a_web_page(name: str = "photo.png") -> SimpleUploadedFile:
    """What calls itself a picture and is not."""
    return SimpleUploadedFile(name, b"<html><script>alert(1)</script></html>", "image/png")
