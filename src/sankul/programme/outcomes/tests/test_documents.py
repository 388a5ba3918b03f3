"""The door of documents: whoever may see a claim may read what proves it, and nobody else."""

import pytest
from django.test import Client

from sankul.core.rules.roles import Role
from sankul.programme.outcomes.tests import makers as made
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.tests import makers

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("sankul.programme.outcomes.tests.urls"),
]


@pytest.fixture
def cluster() -> Cluster:
    made_cluster = makers.cluster()
    makers.period(made_cluster.programme, opened_at=makers.AT)
    return made_cluster


def test_the_bytes_come_with_their_digest_and_can_do_nothing(
    cluster: Cluster, client: Client
) -> None:
    document = made.attachment(made.claim(cluster), makers.document(b"34 people came\n")).document
    response = client.get(f"/documents/{document.sha256}/")
    assert response.getvalue() == b"34 people came\n"
    assert response["ETag"] == f'"{document.sha256}"'
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Length"] == "15"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"] == 'inline; filename="minutes.txt"'
    assert response["Content-Security-Policy"].endswith("sandbox")
    assert response["Cache-Control"] == "private, no-cache"


def test_what_might_run_is_downloaded_and_never_shown(cluster: Cluster, client: Client) -> None:
    document = makers.document(b"a,b\n", name="list.csv", media_type="text/csv")
    made.attachment(made.claim(cluster), document)
    response = client.get(f"/documents/{document.sha256}/")
    assert response["Content-Disposition"] == 'attachment; filename="list.csv"'
    response.close()


def test_markup_in_a_text_is_shown_as_the_text_that_it_is(cluster: Cluster, client: Client) -> None:
    document = makers.document(b"<script>alert(1)</script>", name="a.html.txt")
    made.attachment(made.claim(cluster), document)
    response = client.get(f"/documents/{document.sha256}/")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    response.close()


def test_a_pdf_is_shown_by_the_browsers_own_viewer(cluster: Cluster, client: Client) -> None:
    document = makers.document(b"%PDF-1.7", name="a.pdf", media_type="application/pdf")
    made.attachment(made.claim(cluster), document)
    response = client.get(f"/documents/{document.sha256}/")
    assert response["Content-Disposition"] == 'inline; filename="a.pdf"'
    assert response["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    response.close()


def test_bytes_that_are_known_are_not_sent_again(cluster: Cluster, client: Client) -> None:
    document = made.attachment(made.claim(cluster)).document
    known = {"If-None-Match": f'"{document.sha256}"'}
    response = client.get(f"/documents/{document.sha256}/", headers=known)
    assert (response.status_code, response.content) == (304, b"")


def test_a_hidden_document_is_like_none(cluster: Cluster, client: Client) -> None:
    hidden = made.attachment(made.draft(cluster)).document
    known = {"If-None-Match": f'"{hidden.sha256}"'}
    answers = [
        client.get(f"/documents/{hidden.sha256}/"),
        client.get(f"/documents/{hidden.sha256}/", headers=known),
        client.get(f"/documents/{'0' * 64}/"),
        client.get("/documents/x/"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers[1:3]}) == 1


def test_a_document_without_a_record_is_shown_to_nobody(client: Client) -> None:
    document = makers.document()
    client.force_login(makers.user_with(Role.PROGRAMME_OFFICER))
    assert client.get(f"/documents/{document.sha256}/").status_code == 404


def test_staff_read_what_proves_their_draft(cluster: Cluster, client: Client) -> None:
    document = made.attachment(made.draft(cluster)).document
    client.force_login(makers.user_with(Role.CLUSTER_STAFF, cluster.scopes[0]))
    response = client.get(f"/documents/{document.sha256}/")
    assert response.status_code == 200
    response.close()


def test_one_visible_claim_is_enough(cluster: Cluster, client: Client) -> None:
    document = made.attachment(made.draft(cluster)).document
    made.attachment(made.claim(cluster), document)
    response = client.get(f"/documents/{document.sha256}/")
    assert response.status_code == 200
    response.close()


def test_documents_are_only_read(cluster: Cluster, client: Client) -> None:
    document = made.attachment(made.claim(cluster)).document
    assert client.post(f"/documents/{document.sha256}/").status_code == 405
