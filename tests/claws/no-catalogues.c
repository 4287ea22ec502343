/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preloaded into the host where its runtime is the sanitizers': nothing is looked up in a
   catalogue, so that glibc's lock of them, which that runtime leaves broken, is never taken. */
#include <libintl.h>
#include <stddef.h>

#undef gettext
#undef dgettext
#undef dcgettext
#undef ngettext
#undef dngettext
#undef dcngettext
#undef textdomain
#undef bindtextdomain
#undef bind_textdomain_codeset

char *
gettext (const char *text)
{
  return (char *)text;
}

char *
dgettext (const char *domain, const char *text)
{
  return (char *)text;
}

char *
dcgettext (const char *domain, const char *text, int category)
{
  return (char *)text;
}

char *
dcngettext (
    const char *domain, const char *one, const char *many, unsigned long int n, int category)
{
  return (char *)(n == 1 ? one : many);
}

char *
dngettext (const char *domain, const char *one, const char *many, unsigned long int n)
{
  return dcngettext (domain, one, many, n, 0);
}

char *
ngettext (const char *one, const char *many, unsigned long int n)
{
  return dcngettext (NULL, one, many, n, 0);
}

char *
textdomain (const char *domain)
{
  return (char *)(domain != NULL ? domain : "messages");
}

char *
bindtextdomain (const char *domain, const char *folder)
{
  return (char *)(folder != NULL ? folder : "/");
}

char *
bind_textdomain_codeset (const char *domain, const char *codeset)
{
  return (char *)codeset;
}
