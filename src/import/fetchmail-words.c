/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/fetchmail-words.h"

#include <string.h>

#define NOISE(word)                                                                                \
  {                                                                                                \
    word, word, POSTSEAL_FETCHMAIL_NOISE, POSTSEAL_FETCHMAIL_FLAG                                  \
  }
#define ENTRY(word)                                                                                \
  {                                                                                                \
    word, word, POSTSEAL_FETCHMAIL_ENTRY, POSTSEAL_FETCHMAIL_FLAG                                  \
  }
#define SERVER(word, name, form)                                                                   \
  {                                                                                                \
    word, name, POSTSEAL_FETCHMAIL_SERVER, POSTSEAL_FETCHMAIL_##form                               \
  }
#define USER(word, name, form)                                                                     \
  {                                                                                                \
    word, name, POSTSEAL_FETCHMAIL_USER, POSTSEAL_FETCHMAIL_##form                                 \
  }

static const PostsealFetchmailWord words[] = {
  NOISE ("and"),
  NOISE ("with"),
  NOISE ("has"),
  NOISE ("wants"),
  NOISE ("options"),
  ENTRY ("set"),
  ENTRY ("defaults"),
  ENTRY ("poll"),
  ENTRY ("skip"),
  { "server", "poll", POSTSEAL_FETCHMAIL_ENTRY, POSTSEAL_FETCHMAIL_FLAG },
  { "here", "here", POSTSEAL_FETCHMAIL_SIDE, POSTSEAL_FETCHMAIL_FLAG },
  { "there", "there", POSTSEAL_FETCHMAIL_SIDE, POSTSEAL_FETCHMAIL_FLAG },
  { "no", "no", POSTSEAL_FETCHMAIL_NO, POSTSEAL_FETCHMAIL_FLAG },
  SERVER ("via", "via", ONE),
  SERVER ("proto", "protocol", ONE),
  SERVER ("protocol", "protocol", ONE),
  SERVER ("local", "localdomains", LIST),
  SERVER ("localdomains", "localdomains", LIST),
  SERVER ("port", "service", ONE),
  SERVER ("service", "service", ONE),
  SERVER ("auth", "auth", ONE),
  SERVER ("authenticate", "auth", ONE),
  SERVER ("timeout", "timeout", ONE),
  SERVER ("envelope", "envelope", COUNTED),
  SERVER ("qvirtual", "qvirtual", ONE),
  SERVER ("aka", "aka", LIST),
  SERVER ("interface", "interface", ONE),
  SERVER ("monitor", "monitor", ONE),
  SERVER ("plugin", "plugin", ONE),
  SERVER ("plugout", "plugout", ONE),
  SERVER ("dns", "dns", FLAG),
  SERVER ("checkalias", "checkalias", FLAG),
  SERVER ("uidl", "uidl", FLAG),
  SERVER ("interval", "interval", ONE),
  SERVER ("tracepolls", "tracepolls", FLAG),
  SERVER ("principal", "principal", ONE),
  SERVER ("esmtpname", "esmtpname", ONE),
  SERVER ("esmtppassword", "esmtppassword", SECRET),
  SERVER ("bad-header", "bad-header", ONE),
  USER ("user", "user", ONE),
  USER ("username", "user", ONE),
  USER ("is", "is", MAP),
  USER ("to", "is", MAP),
  USER ("pass", "password", SECRET),
  USER ("password", "password", SECRET),
  USER ("ssl", "ssl", FLAG),
  USER ("sslcert", "sslcert", ONE),
  USER ("sslcertck", "sslcertck", FLAG),
  USER ("sslcertfile", "sslcertfile", ONE),
  USER ("sslcertpath", "sslcertpath", ONE),
  USER ("sslcommonname", "sslcommonname", ONE),
  USER ("sslfingerprint", "sslfingerprint", ONE),
  USER ("sslkey", "sslkey", ONE),
  USER ("sslproto", "sslproto", ONE),
  USER ("folder", "folder", LIST),
  USER ("folders", "folder", LIST),
  USER ("smtp", "smtphost", LIST),
  USER ("smtphost", "smtphost", LIST),
  USER ("fetchdomains", "fetchdomains", LIST),
  USER ("smtpaddress", "smtpaddress", ONE),
  USER ("smtpname", "smtpname", ONE),
  USER ("antispam", "antispam", LIST),
  USER ("mda", "mda", ONE),
  USER ("bsmtp", "bsmtp", ONE),
  USER ("lmtp", "lmtp", FLAG),
  USER ("preconnect", "preconnect", ONE),
  USER ("postconnect", "postconnect", ONE),
  USER ("keep", "keep", FLAG),
  USER ("flush", "flush", FLAG),
  USER ("limitflush", "limitflush", FLAG),
  USER ("fetchall", "fetchall", FLAG),
  USER ("rewrite", "rewrite", FLAG),
  USER ("stripcr", "stripcr", FLAG),
  USER ("forcecr", "forcecr", FLAG),
  USER ("pass8bits", "pass8bits", FLAG),
  USER ("dropstatus", "dropstatus", FLAG),
  USER ("dropdelivered", "dropdelivered", FLAG),
  USER ("mimedecode", "mimedecode", FLAG),
  USER ("idle", "idle", FLAG),
  USER ("limit", "limit", ONE),
  USER ("warnings", "warnings", ONE),
  USER ("batchlimit", "batchlimit", ONE),
  USER ("fetchlimit", "fetchlimit", ONE),
  USER ("fetchsizelimit", "fetchsizelimit", ONE),
  USER ("fastuidl", "fastuidl", ONE),
  USER ("expunge", "expunge", ONE),
  USER ("properties", "properties", ONE),
};

static const PostsealFetchmailWord globals[] = {
  SERVER ("daemon", "daemon", ONE),          SERVER ("postmaster", "postmaster", ONE),
  SERVER ("bouncemail", "bouncemail", FLAG), SERVER ("spambounce", "spambounce", FLAG),
  SERVER ("softbounce", "softbounce", FLAG), SERVER ("logfile", "logfile", ONE),
  SERVER ("idfile", "idfile", ONE),          SERVER ("pidfile", "pidfile", ONE),
  SERVER ("syslog", "syslog", FLAG),         SERVER ("nosyslog", "syslog", FLAG),
  SERVER ("nodetach", "nodetach", FLAG),     SERVER ("invisible", "invisible", FLAG),
  SERVER ("showdots", "showdots", FLAG),     SERVER ("properties", "properties", ONE),
};

static const PostsealFetchmailWord *
find (const PostsealFetchmailWord *table, gsize n, const char *word)
{
  for (gsize i = 0; i < n; i++)
    if (strcmp (table[i].word, word) == 0)
      return &table[i];
  return NULL;
}

const PostsealFetchmailWord *
postseal_fetchmail_word_find (const char *word)
{
  return find (words, G_N_ELEMENTS (words), word);
}

const PostsealFetchmailWord *
postseal_fetchmail_word_find_global (const char *word)
{
  return find (globals, G_N_ELEMENTS (globals), word);
}
