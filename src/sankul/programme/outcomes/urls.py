"""Addresses of claims and nil returns."""

from django.urls import path

from sankul.programme.outcomes import pages
from sankul.programme.outcomes.pages import duties, imports, nil, record

urlpatterns = [
    path("claims/", pages.claims, name="claims"),
    path("claims/new/", record.claim_new, name="claim-new"),
    path("claims/import/", imports.claims_import, name="claims-import"),
    path("claims/import/<slug:kind>.<slug:form>", imports.import_template, name="import-template"),
    path("claims/import/<int:number>/", imports.claims_batch, name="import"),
    path("claims/import/<int:number>/apply/", imports.import_apply, name="import-apply"),
    path("claims/import/<int:number>/again/", imports.import_again, name="import-again"),
    path("claims/<int:number>/", pages.claim, name="claim"),
    path("claims/<int:number>/edit/", record.claim_edit, name="claim-edit"),
    path("claims/<int:number>/attach/", record.claim_attach, name="claim-attach"),
    path("claims/<int:number>/amend/", record.claim_amend, name="claim-amend"),
    path("claims/<int:number>/submit/", record.claim_submit, name="claim-submit"),
    path("claims/<int:number>/withdraw/", record.claim_withdraw, name="claim-withdraw"),
    path("attachments/<int:number>/detach/", record.attachment_detach, name="attachment-detach"),
    path("duties/", duties.duties, name="duties"),
    path(
        "duties/<int:duty>/<int:cluster>/<str:starts_on>/", duties.duty_return, name="duty-return"
    ),
    path("duties/<int:number>/end/", duties.duty_end, name="duty-end"),
    path("duties/of/<slug:programme>/", duties.duties_set, name="duties-set"),
    path("nil-returns/", nil.nil_returns, name="nil-returns"),
    path("nil-returns/<int:number>/retract/", nil.nil_retract, name="nil-retract"),
]
