"""Being written."""
from django.http import HttpResponse

def complaints(request, **kw):
    return HttpResponse('')
