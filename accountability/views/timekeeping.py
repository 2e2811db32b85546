"""Being written."""
from django.http import HttpResponse

def calendar(request, **kw):
    return HttpResponse('')

def limits(request, **kw):
    return HttpResponse('')
