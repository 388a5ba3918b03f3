"""Addresses of bookings."""

from django.urls import path

from .pages import access, book, booking, calendar, feeds, numbers, orders, requests, use

urlpatterns = [
    path("calendar/<int:number>/", calendar.calendar, name="instrument-calendar"),
    path("book/<int:number>/", book.book, name="book"),
    path("calendar/day/<int:number>/", calendar.facility_day, name="facility-day"),
    path("bookings/", booking.bookings, name="bookings"),
    path("bookings/<int:number>/", booking.booking, name="booking"),
    path("bookings/<int:number>/confirm/", booking.confirm, name="booking-confirm"),
    path("bookings/<int:number>/cancel/", booking.cancel, name="booking-cancel"),
    path("bookings/<int:number>/move/", booking.move, name="booking-move"),
    path("bookings/<int:number>/hand-over/", booking.hand_over, name="booking-hand-over"),
    path("bookings/<int:number>/rate/", booking.rate, name="booking-rate"),
    path("bookings/<int:number>/release/", booking.release, name="booking-release"),
    path("bookings/<int:number>/start/", use.start, name="use-start"),
    path("bookings/<int:number>/stop/", use.stop, name="use-stop"),
    path("use/<int:number>/", use.use, name="use"),
    path("kiosk/<int:number>/", use.kiosk, name="kiosk"),
    path("series/<int:number>/cancel/", booking.cancel_series, name="series-cancel"),
    path("waiting/<int:number>/leave/", book.leave, name="waiting-leave"),
    path("requests/", requests.requests, name="requests"),
    path("requests/<int:number>/approve/", requests.approve, name="request-approve"),
    path("requests/<int:number>/refuse/", requests.refuse, name="request-refuse"),
    path("services/<int:number>/order/", orders.order_new, name="order-new"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<int:number>/", orders.order, name="order"),
    path("orders/<int:number>/accept/", orders.accept, name="order-accept"),
    path("orders/<int:number>/refuse/", orders.refuse, name="order-refuse"),
    path("orders/<int:number>/receive/", orders.receive, name="order-receive"),
    path("orders/<int:number>/deliver/", orders.deliver, name="order-deliver"),
    path("orders/<int:number>/cancel/", orders.cancel, name="order-cancel"),
    path("calendars/", feeds.calendars, name="calendars"),
    path("calendars/<int:number>/revoke/", feeds.calendar_revoke, name="calendar-revoke"),
    path("calendars/bookings.ics", feeds.calendar_span, name="calendar-span"),
    path("calendars/<str:secret>.ics", feeds.calendar, name="calendar"),
    path("use-of-facilities/", numbers.facility_numbers, name="facility-numbers"),
    path("use-of-facilities/<int:number>/", access.facility_use, name="facility_use"),
    path("access-to-facilities/", access.facility_access, name="facility-access"),
    path("access-to-facilities/<int:number>/", access.facility_use, name="facility_request"),
]
