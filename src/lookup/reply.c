/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lookup/reply.h"

#include <stdio.h>

#include "lookup/dns-records.h"
#include "lookup/question.h"

#define LONGEST_SENTENCE 1000
#define TLSA_HEAD 3 /* RFC 6698 section 2.1: usage, selector, matching type */
#define LONGEST_TLSA 16384

void
postseal_reply_print_records (guint id, int type, const PostsealDnsAnswer *answer)
{
  for (guint i = 0; i < answer->data->len; i++)
    {
      PostsealDnsRecord record;

      if (postseal_dns_record_read (&record, type, answer->data->pdata[i]))
        printf ("record %u %u %u %u %s\n", id, record.priority, record.weight, record.port,
                record.target);
    }
  printf ("end %u %s\n", id, answer->is_secure ? "secure" : "insecure");
  (void)fflush (stdout);
}

static void
print_tlsa (guint id, const char *base, GBytes *data)
{
  gsize length = 0;
  const guint8 *bytes = g_bytes_get_data (data, &length);

  if (length < TLSA_HEAD)
    return;
  printf ("tlsa %u %s %u %u %u ", id, base, bytes[0], bytes[1], bytes[2]);
  if (length == TLSA_HEAD || length > LONGEST_TLSA)
    putchar ('-');
  for (gsize i = TLSA_HEAD; i < length && length <= LONGEST_TLSA; i++)
    printf ("%02x", bytes[i]);
  putchar ('\n');
}

void
postseal_reply_print_tlsa (guint id, const PostsealTlsaFinding *finding)
{
  const PostsealDnsAnswer *records = finding->records;

  for (guint i = 0; i < records->data->len; i++)
    print_tlsa (id, finding->base, records->data->pdata[i]);
  printf ("end %u %s\n", id, records->is_secure ? "secure" : "insecure");
  (void)fflush (stdout);
}

void
postseal_reply_print_texts (guint id, const PostsealDnsAnswer *answer)
{
  for (guint i = 0; i < answer->data->len; i++)
    {
      g_autoptr (GBytes) text = postseal_dns_text_read (answer->data->pdata[i]);
      g_autofree char *encoded = NULL;

      if (text == NULL)
        continue;
      encoded = g_base64_encode (g_bytes_get_data (text, NULL), g_bytes_get_size (text));
      printf ("text %u %s\n", id, *encoded != '\0' ? encoded : "-");
    }
  printf ("end %u %s\n", id, answer->is_secure ? "secure" : "insecure");
  (void)fflush (stdout);
}

void
postseal_reply_print_body (guint id, const char *host, GBytes *body)
{
  gsize length = 0;
  const guint8 *bytes = g_bytes_get_data (body, &length);
  g_autofree char *text = g_base64_encode (bytes, length);

  printf ("body %u %s %s\n", id, host, text);
  (void)fflush (stdout);
}

static const char *
name_error (const GError *error)
{
  if (g_error_matches (error, POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_NOTHING))
    return "nothing";
  if (g_error_matches (error, POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_BOGUS))
    return "bogus";
  if (g_error_matches (error, POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_UNPROVEN))
    return "unproven";
  if (g_error_matches (error, POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_REDIRECTED))
    return "redirected";
  return "unreachable";
}

void
postseal_reply_print_error (guint id, const GError *error)
{
  g_autofree char *sentence = g_utf8_make_valid (error->message, -1);

  if (g_utf8_strlen (sentence, -1) > LONGEST_SENTENCE)
    *g_utf8_offset_to_pointer (sentence, LONGEST_SENTENCE) = '\0';
  printf ("error %u %s %s\n", id, name_error (error), g_strdelimit (sentence, "\r\n", ' '));
  (void)fflush (stdout);
}
