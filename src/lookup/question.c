/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lookup/question.h"

#include <string.h>

#include "lookup/dns-records.h"

#define LONGEST_NAME 253 /* RFC 1035 section 2.3.4, without the last dot */
#define LONGEST_URI 2000
#define LONGEST_LIMIT_MS 300000

G_DEFINE_QUARK (postseal - question - error - quark, postseal_question_error)

void
postseal_question_free (PostsealQuestion *self)
{
  g_free (self->subject);
  g_free (self);
}

void
postseal_orders_clear (PostsealOrders *self)
{
  g_clear_pointer (&self->dns_server, g_free);
  g_clear_pointer (&self->dns_anchor, g_free);
  g_clear_pointer (&self->ca_file, g_free);
}

const char *
postseal_question_find_host (const char *service)
{
  const char *dot = strchr (service, '.');

  dot = dot != NULL ? strchr (dot + 1, '.') : NULL;
  return dot != NULL ? dot + 1 : NULL;
}

static gboolean
is_name (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("-_.", *c) == NULL)
      return FALSE;
  return *text != '\0' && strlen (text) <= LONGEST_NAME;
}

/* RFC 6698 section 3: two labels, then the host's */
static gboolean
is_service (const char *text)
{
  const char *host = postseal_question_find_host (text);

  return *text == '_' && host != NULL && *host != '\0' && *host != '.';
}

static const struct
{
  const char *word;
  PostsealQuestionKind kind;
  int type;
} kinds[] = {
  { "srv", POSTSEAL_QUESTION_RECORDS, POSTSEAL_DNS_SRV },
  { "mx", POSTSEAL_QUESTION_RECORDS, POSTSEAL_DNS_MX },
  { "cname", POSTSEAL_QUESTION_RECORDS, POSTSEAL_DNS_CNAME },
  { "a", POSTSEAL_QUESTION_RECORDS, POSTSEAL_DNS_A },
  { "aaaa", POSTSEAL_QUESTION_RECORDS, POSTSEAL_DNS_AAAA },
  { "txt", POSTSEAL_QUESTION_TEXTS, POSTSEAL_DNS_TXT },
  { "tlsa", POSTSEAL_QUESTION_TLSA, 0 },
  { "get", POSTSEAL_QUESTION_GET, 0 },
  { "file", POSTSEAL_QUESTION_FILE, 0 },
};

/* @at: in kinds. @words: after that word */
static const char *
take_question (gsize at, const char *words, PostsealQuestion **ret_question)
{
  PostsealQuestionKind kind = kinds[at].kind;
  gboolean is_uri = kind == POSTSEAL_QUESTION_GET || kind == POSTSEAL_QUESTION_FILE;
  const char *blank = strchr (words, ' ');
  g_autofree char *number = blank != NULL ? g_strndup (words, (gsize)(blank - words)) : NULL;
  guint64 id = 0;

  if (number == NULL || !g_ascii_string_to_unsigned (number, 10, 0, G_MAXINT, &id, NULL))
    return "a question without a number";
  if (kind == POSTSEAL_QUESTION_TLSA && !is_service (blank + 1))
    return "a question about what is no service";
  if (is_uri ? strlen (blank + 1) > LONGEST_URI : !is_name (blank + 1))
    return "a question about what is no name";
  *ret_question = g_new0 (PostsealQuestion, 1);
  (*ret_question)->kind = kind;
  (*ret_question)->type = kinds[at].type;
  (*ret_question)->id = (guint)id;
  (*ret_question)->subject = g_strdup (blank + 1);
  return NULL;
}

static const char *
take_once (char **place, const char *value)
{
  if (*place != NULL || *value == '\0')
    return "an order that is empty or was given before";
  *place = g_strdup (value);
  return NULL;
}

static const char *
take_limit (PostsealOrders *orders, const char *value)
{
  guint64 limit = 0;

  if (!g_ascii_string_to_unsigned (value, 10, 1, LONGEST_LIMIT_MS, &limit, NULL))
    return "a limit that is no number of milliseconds";
  orders->limit_ms = (guint)limit;
  return NULL;
}

const char *
postseal_question_read (const char *line, PostsealOrders *orders, PostsealQuestion **ret_question)
{
  const char *blank = strchr (line, ' ');
  const char *value = blank != NULL ? blank + 1 : "";

  *ret_question = NULL;
  if (!g_utf8_validate (line, -1, NULL))
    return "a line that is no UTF-8";
  for (gsize i = 0; blank != NULL && i < G_N_ELEMENTS (kinds); i++)
    if (strlen (kinds[i].word) == (gsize)(blank - line) && g_str_has_prefix (line, kinds[i].word))
      return take_question (i, value, ret_question);
  if (g_str_has_prefix (line, "dns-server "))
    return take_once (&orders->dns_server, value);
  if (g_str_has_prefix (line, "dns-anchor "))
    return take_once (&orders->dns_anchor, value);
  if (g_str_has_prefix (line, "ca-file "))
    return take_once (&orders->ca_file, value);
  if (g_str_has_prefix (line, "limit "))
    return take_limit (orders, value);
  return "a line that is neither an order nor a question";
}
