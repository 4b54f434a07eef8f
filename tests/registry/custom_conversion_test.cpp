// SPDX-License-Identifier: Apache-2.0
// Custom kinds whose objects a webhook converts, over HTTPS.
#include "registry/custom_cluster.h"

#include "api/base64.h"
#include "registry/webhook_server.h"

#include <gmock/gmock.h>

namespace keelson::registry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// v1 says the size, v2 the width. `%` stands for the place of the webhook, `$1` and `$2` for which version is stored.
constexpr std::string_view sizes = R"(
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {plural: widgets, kind: Widget, listKind: Widgets}
  conversion: {strategy: Webhook, webhook: {conversionReviewVersions: [v1], clientConfig: {%}}}
  versions:
  - name: v1
    served: true
    storage: $1
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
  - name: v2
    served: true
    storage: $2
    subresources: {status: {}, scale: {specReplicasPath: .spec.width, statusReplicasPath: .status.width}}
    selectableFields: [{jsonPath: .spec.width}]
    schema: {openAPIV3Schema: {type: object, properties: {
      spec: {type: object, required: [width], properties: {width: {type: integer, maximum: 9}}},
      status: {type: object, properties: {width: {type: integer}}}}}}
)";

/// Moves the size to the width or back.
Value resized(Value object, std::string_view version)
{
    auto& spec = api::objectAt(object, {"spec"});
    const auto* const from = version.ends_with("v2") ? "size" : "width";
    const auto* const to = version.ends_with("v2") ? "width" : "size";
    if (const auto* const found = spec.if_contains(from)) {
        Value moved = *found;
        spec.erase(from);
        spec[to] = std::move(moved);
    }
    object.as_object()["apiVersion"] = version;
    return object;
}

Value resizedAll(const Value& request)
{
    api::Array objects;
    for (const auto& object : request.at("objects").as_array())
        objects.push_back(resized(object, api::stringAt(request, {"desiredAPIVersion"})));
    return {{"result", {{"status", "Success"}}}, {"convertedObjects", std::move(objects)}};
}

class CustomConversion : public Custom {
protected:
    void serve(WebhookServer::Handler handler)
    {
        m_server = std::make_unique<WebhookServer>(m_realClock, std::move(handler));
        start();
        ASSERT_EQ(define(definition("v1")), "ok");
    }
    void start()
    {
        restart({.post = [this](const auth::HttpsPost& post) { return auth::httpsPost(post, m_realClock); },
                 .executor = &m_executor});
    }
    void stopServer() { m_server.reset(); }
    std::string definition(std::string_view stored) const
    {
        const auto place = fmt::format("url: 'https://127.0.0.1:{}/convert', caBundle: {}", m_server->port(),
                                       api::encodeBase64(m_server->authority()));
        auto text = changed(sizes, "%", place);
        text = changed(text, "$1", stored == "v1" ? "true" : "false");
        return changed(text, "$2", stored == "v2" ? "true" : "false");
    }
    /// What the webhook was asked since the last time.
    std::vector<std::string> asked()
    {
        auto all = m_server->asked();
        const auto seen = std::exchange(m_seen, all.size());
        return {all.begin() + static_cast<std::ptrdiff_t>(seen), all.end()};
    }
    std::string patch(const std::string& version, std::string_view text, api::PatchType type = api::PatchType::Merge)
    {
        return outcome(registry->patch(context, *widget(version), {"default", "a"}, {}, type, document(text)));
    }

private:
    SystemClock m_realClock;
    InlineExecutor m_executor;
    std::unique_ptr<WebhookServer> m_server;
    std::size_t m_seen = 0;
};

TEST_F(CustomConversion, showsAllVersions)
{
    serve([](const std::string&, const Value& request) { return resizedAll(request); });
    ASSERT_EQ(outcome(make("{metadata: {name: a}, spec: {size: 1}}")), "ok");
    EXPECT_EQ(at(read("a"), {"spec"}), R"({"size":1})");
    EXPECT_THAT(asked(), IsEmpty()) << "nothing is converted where nothing has to be";

    EXPECT_EQ(at(read("a", "v2"), {"apiVersion"}) + at(read("a", "v2"), {"spec"}), R"(example.org/v2{"width":1})");
    const auto created = make("{metadata: {name: b}, spec: {width: 2}}", "v2");
    ASSERT_EQ(outcome(created), "ok");
    EXPECT_THAT((*created)->json, HasSubstr(R"("spec":{"width":2})"));
    EXPECT_EQ(at(read("b"), {"spec"}), R"({"size":2})");
    EXPECT_TRUE(store.get("/registry/example.org/widgets/default/b")->value.contains(R"("spec":{"size":2})"));

    (void)asked();
    const auto list = registry->list(*widget("v2"), {});
    ASSERT_EQ(list->objects.size(), 2U);
    EXPECT_THAT(list->objects[1]->json, HasSubstr(R"("width":2)"));
    EXPECT_THAT(asked(), ElementsAre("convert example.org/v2")) << "one question for a list";

    ListOptions wide;
    wide.fields = *api::FieldSelector::parse("spec.width=2");
    EXPECT_EQ(registry->list(*widget("v2"), wide)->objects.size(), 1U);
    EXPECT_EQ(outcome(registry->list(*widget("v1"), wide)), "BadRequest: field label not supported: spec.width");
    EXPECT_EQ(at(*registry->scale(*widget("v2"), {"default", "b"}), {"spec"}), R"({"replicas":2})");
}

TEST_F(CustomConversion, writesByTheRulesOfTheVersionThatIsWritten)
{
    serve([](const std::string&, const Value& request) { return resizedAll(request); });
    EXPECT_EQ(outcome(make("{metadata: {name: a}, spec: {size: 10}}")), "ok") << "v1 knows no limit";
    EXPECT_THAT(outcome(make("{metadata: {name: b}, spec: {width: 10}}", "v2")),
                StartsWith("Invalid: Widget.example.org \"b\" is invalid: spec.width: Invalid value: 10"));
    EXPECT_EQ(patch("v2", "{spec: {width: 4}}"), "ok");
    EXPECT_EQ(at(read("a"), {"spec"}), R"({"size":4})");
    EXPECT_EQ(patch("v1", "[{op: replace, path: /spec/size, value: 5}]", api::PatchType::Json), "ok");
    EXPECT_EQ(at(read("a", "v2"), {"spec"}), R"({"width":5})");

    // Each manager keeps fields of the version that it writes in, and loses them when another one's value wins.
    context.fieldManager = "applier";
    constexpr auto applied = "{{apiVersion: example.org/{}, kind: Widget, metadata: {{name: a}}, spec: {{{}}}}}";
    context.force = true;
    EXPECT_EQ(patch("v2", fmt::format(applied, "v2", "width: 6"), api::PatchType::Apply), "ok");
    const auto fields = at(read("a"), {"metadata", "managedFields"});
    EXPECT_THAT(fields, HasSubstr("f:width"));
    EXPECT_THAT(fields, testing::Not(HasSubstr("f:size")));
    context.fieldManager = "other";
    context.force = false;
    EXPECT_EQ(patch("v1", fmt::format(applied, "v1", "size: 7"), api::PatchType::Apply),
              "Conflict: Apply failed with 1 conflict: conflict with \"applier\": .spec.width");

    ASSERT_EQ(outcome(registry->remove(context, *widget("v2"), {"default", "a"}, {})), "ok");
    EXPECT_EQ(read("a"), Value("NotFound: widgets.example.org \"a\" not found"));
}

TEST_F(CustomConversion, tellsWatchesInTheirVersion)
{
    serve([](const std::string&, const Value& request) { return resizedAll(request); });
    ASSERT_EQ(outcome(make("{metadata: {name: a}, spec: {size: 1}}")), "ok");
    const auto all = std::make_shared<Heard>();
    const auto wide = std::make_shared<Heard>();
    const auto watch = registry->watch(*widget("v2"), {}, all);
    WatchOptions options;
    options.fields = *api::FieldSelector::parse("spec.width=2");
    const auto second = registry->watch(*widget("v2"), options, wide);
    for (const auto* const size : {"2", "2", "3"})
        EXPECT_EQ(patch("v1", fmt::format("{{metadata: {{labels: {{l: x{0}}}}}, spec: {{size: {0}}}}}", size)), "ok");
    EXPECT_EQ(outcome(registry->remove(context, *widget(), {"default", "a"}, {})), "ok");
    EXPECT_EQ(all->text(), "+a *a *a -a");
    EXPECT_EQ(wide->text(), "+a -a");
    for (const auto& [key, json] : all->appliedTo({}))
        EXPECT_THAT(json, HasSubstr("example.org/v2"));
    stopServer();
    ASSERT_EQ(outcome(make("{metadata: {name: b}, spec: {size: 1}}")), "ok");
    ASSERT_EQ(outcome(make("{metadata: {name: c}, spec: {size: 1}}")), "ok");
    EXPECT_EQ(all->text(), "+a *a *a -a !InternalError");
}

TEST_F(CustomConversion, readsWhatWasStoredInAnotherVersion)
{
    serve([](const std::string&, const Value& request) { return resizedAll(request); });
    ASSERT_EQ(outcome(make("{metadata: {name: a, labels: {l: x}}, spec: {size: 1}}")), "ok");
    ASSERT_EQ(define(definition("v2")), "ok");
    EXPECT_EQ(at(get("CustomResourceDefinition", "widgets.example.org"), {"status", "storedVersions"}),
              R"(["v1","v2"])");
    (void)asked();
    EXPECT_EQ(at(read("a", "v2"), {"spec"}), R"({"width":1})");
    EXPECT_THAT(asked(), ElementsAre("convert example.org/v2"));
    EXPECT_EQ(at(read("a", "v1"), {"spec"}), R"({"size":1})");
    EXPECT_THAT(asked(), IsEmpty()) << "stored as v1";
    start();
    EXPECT_EQ(at(read("a", "v2"), {"spec"}), R"({"width":1})");
    EXPECT_EQ(registry->list(*widget("v2"), {.labels = *api::LabelSelector::parse("l=x")})->objects.size(), 1U);

    // Whoever writes what is there makes it one of the version that is stored now.
    EXPECT_EQ(outcome(registry->update(context, *widget("v2"), {"default", "a"}, {}, read("a", "v2"))), "ok");
    EXPECT_TRUE(store.get("/registry/example.org/widgets/default/a")->value.contains(R"("spec":{"width":1})"));
    (void)asked();
    EXPECT_EQ(at(read("a", "v2"), {"spec"}), R"({"width":1})");
    EXPECT_THAT(asked(), IsEmpty());
    auto migrated = get("CustomResourceDefinition", "widgets.example.org");
    api::objectAt(migrated, {"status"})["storedVersions"] = api::Array{"v2"};
    EXPECT_EQ(outcome(update("CustomResourceDefinition", "widgets.example.org", migrated, "status")), "ok");
}

TEST_F(CustomConversion, failsWithTheWordsOfTheWebhook)
{
    serve([](const std::string&, const Value& request) {
        auto response = resizedAll(request);
        auto& objects = response.at("convertedObjects").as_array();
        const auto name = std::string(api::stringAt(objects.front(), {"metadata", "name"}));
        if (name == "refused")
            response.at("result") = {{"status", "Failure"}, {"message", "it is too wide"}};
        else if (name == "lost")
            objects.clear();
        else if (name == "renamed")
            api::objectAt(objects.front(), {"metadata"})["name"] = "b";
        else if (name == "another")
            response.as_object()["uid"] = "x";
        else if (name == "down")
            response = nullptr;
        return response;
    });
    struct Row {
        const char* name;
        const char* refusal;
    };
    for (const auto& [name, refusal] : {
             Row{"good", "ok"},
             Row{"refused", "failed: it is too wide"},
             Row{"lost", "returned 0 objects, expected 1"},
             Row{"renamed", "returned invalid converted object at index 0: must have the same name: renamed != b"},
             Row{"another", "failed: expected response.uid="},
             Row{"down", "failed: Post \"https://127.0.0.1:"},
         }) {
        const auto expected = std::string_view(refusal) == "ok"
                                  ? "ok"
                                  : fmt::format(": conversion webhook for example.org/v1, Kind=Widget {}", refusal);
        ASSERT_EQ(outcome(make(fmt::format("{{metadata: {{name: {}}}, spec: {{size: 1}}}}", name))), "ok");
        EXPECT_THAT(outcome(registry->get(*widget("v2"), {"default", name})), StartsWith(expected));
        EXPECT_THAT(outcome(make(fmt::format("{{metadata: {{name: {}}}, spec: {{width: 1}}}}", name), "v2")),
                    StartsWith("AlreadyExists"));
        EXPECT_EQ(outcome(registry->get(*widget("v1"), {"default", name})), "ok");
        EXPECT_EQ(outcome(registry->remove(context, *widget("v1"), {"default", name}, {})), "ok");
        EXPECT_THAT(outcome(make(fmt::format("{{metadata: {{name: {}}}, spec: {{width: 1}}}}", name), "v2")),
                    StartsWith(std::string_view(refusal) == "ok" ? "ok"
                                                                 : ": conversion webhook for "
                                                                   "example.org/v2, Kind=Widget "));
    }
}

} // namespace
} // namespace keelson::registry
