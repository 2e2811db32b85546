"""Being written."""
from django.http import HttpResponse

def register(request, **kw):
    return HttpResponse('')

def look_up(request, **kw):
    return HttpResponse('')

def suggest_unit(request, **kw):
    return HttpResponse('')

def forward(request, **kw):
    return HttpResponse('')

def register_forwarded(request, **kw):
    return HttpResponse('')
