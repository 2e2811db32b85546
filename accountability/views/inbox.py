"""Being written."""
from django.http import HttpResponse

def inbox(request, **kw):
    return HttpResponse('')

def mark_read(request, **kw):
    return HttpResponse('')

def alarms(request, **kw):
    return HttpResponse('')
