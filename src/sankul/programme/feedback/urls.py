"""Addresses of the 360-degree survey."""

from django.urls import path

from .pages import answer, builder, conduct, people, results, surveys

urlpatterns = [
    path("answer/", answer.answer, name="answer"),
    path("surveys/", surveys.index, name="surveys"),
    path("surveys/new/<slug:programme>/", surveys.make, name="survey-make"),
    path("surveys/<int:number>/", surveys.desk, name="survey"),
    path("surveys/<int:number>/settings/", surveys.settings, name="survey-settings"),
    path("surveys/<int:number>/questions/", builder.questionnaire, name="survey-questionnaire"),
    path("surveys/<int:number>/preview/<slug:code>/", builder.preview, name="survey-preview"),
    path("surveys/<int:number>/groups/new/", builder.group, name="survey-group-new"),
    path("surveys/<int:number>/groups/<int:part>/", builder.group, name="survey-group"),
    path("surveys/<int:number>/sections/new/", builder.section, name="survey-section-new"),
    path("surveys/<int:number>/sections/<int:part>/", builder.section, name="survey-section"),
    path(
        "surveys/<int:number>/sections/<int:part>/ask/",
        builder.question_new,
        name="survey-question-new",
    ),
    path("surveys/<int:number>/questions/<int:part>/", builder.question, name="survey-question"),
    path("surveys/<int:number>/drop/<str:kind>/<int:part>/", builder.drop, name="survey-drop"),
    path("surveys/<int:number>/people/", people.people, name="survey-people"),
    path("surveys/<int:number>/people/invite/", people.invite, name="survey-invite"),
    path("surveys/<int:number>/people/upload/", people.upload, name="survey-upload"),
    path("surveys/<int:number>/people/<int:part>/out/", people.uninvite, name="survey-uninvite"),
    path("surveys/<int:number>/letters/", people.write, name="survey-letters"),
    path("surveys/<int:number>/key/", conduct.key, name="survey-key"),
    path("surveys/<int:number>/open/", conduct.open_, name="survey-open"),
    path("surveys/<int:number>/extend/", conduct.extend, name="survey-extend"),
    path("surveys/<int:number>/close/", conduct.close, name="survey-close"),
    path("surveys/<int:number>/count/", conduct.count, name="survey-count"),
    path("surveys/<int:number>/key-destroyed/", conduct.destroyed, name="survey-key-destroyed"),
    path("surveys/<int:number>/texts/", conduct.comments, name="survey-comments"),
    path("surveys/<int:number>/release/", conduct.release, name="survey-release"),
    path("surveys/<int:number>/results/", results.results, name="survey-results"),
    path("surveys/<int:number>/receipts/", results.receipts, name="receipts"),
]
