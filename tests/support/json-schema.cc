/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/json-schema.h"

#include <cstdlib>

namespace postseal_test
{

namespace
{

class Validator
{
public:
  explicit Validator (JsonObject *root) : root_ (root) {}

  std::string
  check (JsonObject *schema, JsonNode *node, const std::string &path)
  {
    schema = resolve (schema);
    if (json_object_has_member (schema, "anyOf"))
      return check_any (json_object_get_array_member (schema, "anyOf"), node, path);
    if (json_object_has_member (schema, "type")
        && !is_of_type (json_object_get_member (schema, "type"), node))
      return path + " is of the wrong type";
    if (json_object_has_member (schema, "enum")
        && !is_among (json_object_get_array_member (schema, "enum"), node))
      return path + " has no value that the schema knows";
    if (JSON_NODE_HOLDS_OBJECT (node))
      return check_object (schema, json_node_get_object (node), path);
    if (JSON_NODE_HOLDS_ARRAY (node) && json_object_has_member (schema, "items"))
      return check_array (json_object_get_object_member (schema, "items"),
                          json_node_get_array (node), path);
    return "";
  }

private:
  JsonObject *
  resolve (JsonObject *schema)
  {
    static const std::string prefix = "#/$defs/";

    if (!json_object_has_member (schema, "$ref"))
      return schema;
    const std::string name = json_object_get_string_member (schema, "$ref");
    return json_object_get_object_member (json_object_get_object_member (root_, "$defs"),
                                          name.substr (prefix.size ()).c_str ());
  }

  static std::string
  name_type (JsonNode *node)
  {
    if (JSON_NODE_HOLDS_OBJECT (node))
      return "object";
    if (JSON_NODE_HOLDS_ARRAY (node))
      return "array";
    if (JSON_NODE_HOLDS_NULL (node))
      return "null";
    switch (json_node_get_value_type (node))
      {
      case G_TYPE_STRING:
        return "string";
      case G_TYPE_BOOLEAN:
        return "boolean";
      case G_TYPE_INT64:
        return "integer";
      default:
        return "number";
      }
  }

  static bool
  is_of_type (JsonNode *types, JsonNode *node)
  {
    const std::string name = name_type (node);

    if (!JSON_NODE_HOLDS_ARRAY (types))
      return name == json_node_get_string (types);
    JsonArray *all = json_node_get_array (types);
    for (guint i = 0; i < json_array_get_length (all); i++)
      if (name == json_array_get_string_element (all, i))
        return true;
    return false;
  }

  static bool
  is_among (JsonArray *values, JsonNode *node)
  {
    for (guint i = 0; i < json_array_get_length (values); i++)
      if (json_node_equal (json_array_get_element (values, i), node))
        return true;
    return false;
  }

  std::string
  check_any (JsonArray *schemas, JsonNode *node, const std::string &path)
  {
    std::string faults;

    for (guint i = 0; i < json_array_get_length (schemas); i++)
      {
        std::string fault = check (json_array_get_object_element (schemas, i), node, path);

        if (fault.empty ())
          return "";
        faults += (faults.empty () ? "" : "; or ") + fault;
      }
    return faults;
  }

  std::string
  check_array (JsonObject *items, JsonArray *array, const std::string &path)
  {
    for (guint i = 0; i < json_array_get_length (array); i++)
      {
        std::string fault = check (items, json_array_get_element (array, i),
                                   path + "[" + std::to_string (i) + "]");

        if (!fault.empty ())
          return fault;
      }
    return "";
  }

  std::string
  check_object (JsonObject *schema, JsonObject *object, const std::string &path)
  {
    JsonObject *properties = json_object_get_object_member (schema, "properties");
    JsonObjectIter iter;
    const char *name = nullptr;
    JsonNode *member = nullptr;

    if (json_object_has_member (schema, "required"))
      {
        JsonArray *required = json_object_get_array_member (schema, "required");

        for (guint i = 0; i < json_array_get_length (required); i++)
          if (!json_object_has_member (object, json_array_get_string_element (required, i)))
            return path + " lacks " + json_array_get_string_element (required, i);
      }
    json_object_iter_init (&iter, object);
    while (json_object_iter_next (&iter, &name, &member))
      {
        const std::string place = path + "." + name;

        if (!json_object_has_member (properties, name))
          return place + " is not in the schema";
        std::string fault = check (json_object_get_object_member (properties, name), member, place);
        if (!fault.empty ())
          return fault;
      }
    return "";
  }

  JsonObject *root_; /* borrowed */
};

} // namespace

std::string
find_schema_fault (const std::string &name, const std::string &text)
{
  const std::string path = std::string (getenv ("SRCDIR")) + "/../data/schema/" + name;
  g_autoptr (JsonParser) schema = json_parser_new ();
  g_autoptr (JsonParser) document = json_parser_new ();
  g_autoptr (GError) error = nullptr;

  if (!json_parser_load_from_file (schema, path.c_str (), &error)
      || !json_parser_load_from_data (document, text.c_str (), -1, &error))
    return error->message;
  JsonObject *root = json_node_get_object (json_parser_get_root (schema));
  return Validator (root).check (root, json_parser_get_root (document), "$");
}

} // namespace postseal_test
