/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "token/answer.h"

#include <string.h>

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>

#define STATUS_OK 200

/* Returns: (transfer none) (nullable): text that stays in its line */
static const char *
get_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  const char *text = node != NULL && JSON_NODE_HOLDS_VALUE (node)
                             && json_node_get_value_type (node) == G_TYPE_STRING
                         ? json_node_get_string (node)
                         : NULL;

  for (const char *c = text; c != NULL && *c != '\0'; c++)
    if ((guchar)*c < 0x20 || *c == 0x7f)
      return NULL;
  return text != NULL && *text != '\0' ? text : NULL;
}

/* Some providers write it as a string. */
static gint64
get_seconds (JsonObject *object, const char *name)
{
  const char *text = get_text (object, name);
  JsonNode *node = json_object_get_member (object, name);

  if (text != NULL)
    return g_ascii_strtoll (text, NULL, 10);
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return 0;
  return json_node_get_int (node);
}

static gboolean
is_token (const char *text)
{
  for (const char *c = text; c != NULL && *c != '\0'; c++)
    if ((guchar)*c <= 0x20 || (guchar)*c >= 0x7f)
      return FALSE;
  return text != NULL;
}

static void
print_tokens (JsonObject *object)
{
  const char *refresh_token = get_text (object, "refresh_token");
  gint64 lifetime = get_seconds (object, "expires_in");

  g_print ("access_token %s\n", get_text (object, "access_token"));
  if (refresh_token != NULL)
    g_print ("refresh_token %s\n", refresh_token);
  if (lifetime > 0)
    g_print ("expires_in %" G_GINT64_FORMAT "\n", lifetime);
}

static void
print_text (JsonObject *object, const char *name, const char *other_name)
{
  const char *text = get_text (object, name);

  if (text == NULL && other_name != NULL)
    text = get_text (object, other_name);
  if (text != NULL)
    g_print ("%s %s\n", name, text);
}

/* RFC 8628 section 3.2, and how it was called before. */
static void
print_device_code (JsonObject *object)
{
  static const char *const numbers[] = { "expires_in", "interval" };

  print_text (object, "device_code", NULL);
  print_text (object, "user_code", NULL);
  print_text (object, "verification_uri", "verification_url");
  print_text (object, "verification_uri_complete", "verification_url_complete");
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (get_seconds (object, numbers[i]) > 0)
      g_print ("%s %" G_GINT64_FORMAT "\n", numbers[i], get_seconds (object, numbers[i]));
}

static void
print_refusal (JsonObject *object, guint status)
{
  const char *error = get_text (object, "error");
  /* Microsoft's have line ends. */
  JsonNode *node = json_object_get_member (object, "error_description");
  g_autofree char *description = node != NULL && JSON_NODE_HOLDS_VALUE (node)
                                     ? g_strdup (json_node_get_string (node))
                                     : NULL;

  g_print ("http_status %u\n", status);
  if (error != NULL)
    g_print ("error %s\n", error);
  if (description != NULL)
    g_print ("error_description %s\n", g_strdelimit (description, "\r\n", ' '));
}

void
postseal_answer_print (const char *json, gsize length, guint status)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root = NULL;
  JsonObject *object = NULL;
  const char *type = NULL;

  if (json_parser_load_from_data (parser, json, (gssize)length, NULL))
    root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_print ("http_status %u\n", status);
      if (status == STATUS_OK)
        postseal_answer_print_failure (_ ("what it sends is no JSON object"),
                                       POSTSEAL_FAILURE_TEMPORARY);
      return;
    }
  object = json_node_get_object (root);
  type = get_text (object, "token_type");
  if (status != STATUS_OK)
    print_refusal (object, status);
  else if (get_text (object, "device_code") != NULL)
    print_device_code (object);
  else if (!is_token (get_text (object, "access_token")))
    postseal_answer_print_failure (_ ("it sends no access token"), POSTSEAL_FAILURE_TEMPORARY);
  else if (type != NULL && g_ascii_strcasecmp (type, "Bearer") != 0)
    postseal_answer_print_failure (_ ("its access token is not a bearer token"),
                                   POSTSEAL_FAILURE_LASTING);
  else
    print_tokens (object);
}

void
postseal_answer_print_failure (const char *sentence, PostsealFailure failure)
{
  g_autofree char *line = g_strdelimit (g_strdup (sentence), "\r\n", ' ');

  g_print ("error_description %s\n", line);
  if (failure == POSTSEAL_FAILURE_TEMPORARY)
    g_print ("temporary 1\n");
  if (failure == POSTSEAL_FAILURE_UNPROVEN)
    g_print ("unproven 1\n");
}
