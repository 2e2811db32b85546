"""Being written."""
from django.http import HttpResponse

def units(request, **kw):
    return HttpResponse('')

def unit(request, **kw):
    return HttpResponse('')

def act(request, **kw):
    return HttpResponse('')
