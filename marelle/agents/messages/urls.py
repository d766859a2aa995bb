from __future__ import annotations

from django.urls import path

from marelle.agents.messages import passing, views

app_name = "agents_messages"
urlpatterns = [
    path("", views.threads, name="threads"),
    path("<id:thread_id>/", views.thread, name="thread"),
    path("<id:thread_id>/confier/", views.assign, name="assign"),
    path("<id:thread_id>/passer/", passing.give, name="pass"),
    path("<id:thread_id>/clore/", views.close, name="close"),
    path("<id:thread_id>/rouvrir/", views.reopen, name="reopen"),
    path("<id:thread_id>/fichiers/<id:attachment_id>/", views.attachment, name="attachment"),
]
