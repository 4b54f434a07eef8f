// SPDX-License-Identifier: Apache-2.0
// Webhooks that are asked over HTTPS.
#include "registry/cluster.h"

#include "api/base64.h"
#include "auth/https_client.h"
#include "registry/webhook_server.h"

#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include <future>
#include <latch>
#include <mutex>

namespace keelson::registry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view allPods =
    "rules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: ['*']}]";

/// What leads to the webhooks' server: endpoints cannot have its own address, which is this machine's.
constexpr std::string_view serverAddress = "192.0.2.7";

Value allow()
{
    return {{"allowed", true}};
}

Value patched(std::string_view patch)
{
    return {{"allowed", true}, {"patchType", "JSONPatch"}, {"patch", api::encodeBase64(patch)}};
}

class Webhooks : public testing::Test {
protected:
    void serve(WebhookServer::Handler handler)
    {
        m_server = std::make_unique<WebhookServer>(m_clock, std::move(handler));
        m_cluster.context.warnings = &warnings;
        m_cluster.context.auditAnnotations = &annotations;
        m_cluster.restart({.roles = &m_roles, .post = [this](auth::HttpsPost post) {
                               if (post.dial.starts_with(serverAddress))
                                   post.dial.replace(0, serverAddress.size(), "127.0.0.1");
                               return auth::httpsPost(post, m_clock);
                           }});
    }

    /// "Mutating" or "Validating"; the path is the webhook's name up to the first dot.
    void configure(std::string_view sort, const std::string& configuration, std::string_view webhooks)
    {
        ASSERT_EQ(outcome(m_cluster.create(
                      fmt::format("{}WebhookConfiguration", sort),
                      fmt::format("{{metadata: {{name: {}}}, webhooks: [{}]}}", configuration, webhooks))),
                  "ok");
    }
    std::string webhook(const std::string& name, std::string_view more = "", std::string_view rules = allPods) const
    {
        return fmt::format(
            "{{name: {0}.example.com, {1}, clientConfig: {{url: 'https://127.0.0.1:{2}/{0}', caBundle: {3}}}, "
            "sideEffects: None, admissionReviewVersions: [v1]{4}{5}}}",
            name, rules, m_server->port(), api::encodeBase64(m_server->authority()), more.empty() ? "" : ", ", more);
    }
    std::string createPod(std::string_view name)
    {
        return outcome(m_cluster.create(
            "Pod", fmt::format("{{metadata: {{name: {}}}, spec: {{containers: [{{name: c, image: i}}]}}}}", name)));
    }
    std::vector<std::string> asked() const { return m_server->asked(); }

    std::vector<std::string> warnings;
    std::map<std::string, std::string> annotations;
    Cluster m_cluster;

private:
    auth::RbacAuthorizer m_roles; ///< Gives nobody any right.
    SystemClock m_clock;
    std::unique_ptr<WebhookServer> m_server;
};

TEST_F(Webhooks, refuseWithTheirOwnWords)
{
    serve([](const std::string&, const Value& request) -> Value {
        if (api::stringAt(request, {"name"}) == "bad")
            return {{"allowed", false}, {"status", {{"message", "no bad pods"}, {"code", 403}}}};
        return {{"allowed", true}, {"warnings", api::Array{"mind the gap"}}, {"auditAnnotations", {{"seen", "yes"}}}};
    });
    configure("Validating", "v", webhook("check"));
    EXPECT_EQ(createPod("bad"), ": admission webhook \"check.example.com\" denied the request: no bad pods");
    EXPECT_EQ(createPod("good"), "ok");
    EXPECT_THAT(warnings, ElementsAre("mind the gap"));
    EXPECT_EQ(annotations["check.example.com/seen"], "yes");
    EXPECT_EQ(outcome(m_cluster.remove("Pod", "good")), "ok");
    EXPECT_THAT(asked(), ElementsAre("check CREATE", "check CREATE", "check DELETE"));
}

TEST_F(Webhooks, withSideEffectsHaveNoPlaceInADryRun)
{
    serve([](const std::string&, const Value& request) -> Value {
        EXPECT_TRUE(api::boolAt(request, {"dryRun"}));
        return allow();
    });
    const auto with = [this](const std::string& name, std::string_view effects) {
        constexpr std::string_view none = "sideEffects: None";
        auto text = webhook(name);
        return text.replace(text.find(none), none.size(), fmt::format("sideEffects: {}", effects));
    };
    configure("Validating", "v", webhook("harmless") + ", " + with("careful", "NoneOnDryRun"));
    EXPECT_THAT(outcome(m_cluster.create("ValidatingWebhookConfiguration",
                                         "{metadata: {name: w}, webhooks: [" + with("acting", "Some") + "]}")),
                HasSubstr("webhooks[0].sideEffects: Unsupported value: \"Some\""));
    m_cluster.context.dryRun = true;
    EXPECT_EQ(createPod("web"), "ok");
    EXPECT_THAT(asked(), testing::UnorderedElementsAre("harmless CREATE", "careful CREATE"));
}

TEST_F(Webhooks, patchTheObjectAndAreCheckedAfterwards)
{
    serve([](const std::string& path, const Value& request) -> Value {
        if (path == "label")
            return patched(R"([{"op":"add","path":"/metadata/labels","value":{"by":"webhook"}},
                               {"op":"add","path":"/spec/containers/-","value":{"name":"side","image":"s"}},
                               {"op":"replace","path":"/metadata/uid","value":"mine"}])");
        EXPECT_EQ(api::stringAt(request, {"object", "metadata", "labels", "by"}), "webhook");
        return allow();
    });
    configure("Validating", "v", webhook("check"));
    configure("Mutating", "m", webhook("label"));
    ASSERT_EQ(createPod("web"), "ok");
    const auto pod = m_cluster.get("Pod", "web");
    EXPECT_EQ(at(pod, {"metadata", "labels", "by"}), "webhook");
    EXPECT_EQ(at(pod.at("spec").at("containers").at(1), {"imagePullPolicy"}), "Always") << "defaults come again";
    EXPECT_THAT(at(pod.at("spec").at("containers").at(1), {"volumeMounts"}), HasSubstr("serviceaccount"))
        << "the other steps see what was added";
    EXPECT_NE(at(pod, {"metadata", "uid"}), "mine");
    EXPECT_THAT(asked(), ElementsAre("label CREATE", "check CREATE"));
}

TEST_F(Webhooks, giveARoleNoMoreThanItsWriterHolds)
{
    serve([](const std::string& path, const Value& request) -> Value {
        const bool labelled = api::find(request, {"object", "metadata", "labels"}) != nullptr;
        if (path == "label")
            return labelled ? allow() : patched(R"([{"op":"add","path":"/metadata/labels","value":{"a":"b"}}])");
        const auto* const rules = R"([{"op":"add","path":"/rules","value":[
            {"verbs":["get"],"apiGroups":[""],"resources":["secrets"]}]}])";
        return labelled ? patched(rules) : allow(); // once it is asked for the second time
    });
    constexpr std::string_view roles = "rules: [{apiGroups: [rbac.authorization.k8s.io], apiVersions: [v1], "
                                       "resources: [roles], operations: [CREATE]}]";
    configure("Mutating", "m",
              webhook("rules", "reinvocationPolicy: IfNeeded", roles) + ", " + webhook("label", "", roles));
    EXPECT_THAT(outcome(m_cluster.create("Role", "{metadata: {name: r}, rules: []}")),
                HasSubstr("is attempting to grant RBAC permissions not currently held"));
    EXPECT_THAT(asked(), ElementsAre("rules CREATE", "label CREATE", "rules CREATE"));
}

TEST_F(Webhooks, areAskedAgainWhenOthersChangeTheObject)
{
    serve([](const std::string& path, const Value& request) -> Value {
        const auto label = fmt::format("/metadata/labels/{}", path);
        if (api::find(request, {"object", "metadata", "labels", path}))
            return allow();
        if (!api::find(request, {"object", "metadata", "labels"}))
            return patched(fmt::format(R"([{{"op":"add","path":"/metadata/labels","value":{{"{}":"x"}}}}])", path));
        return patched(fmt::format(R"([{{"op":"add","path":"{}","value":"x"}}])", label));
    });
    configure("Mutating", "m",
              webhook("first", "reinvocationPolicy: IfNeeded") + ", " + webhook("never") + ", " +
                  webhook("last", "reinvocationPolicy: IfNeeded"));
    ASSERT_EQ(createPod("web"), "ok");
    EXPECT_THAT(asked(), ElementsAre("first CREATE", "never CREATE", "last CREATE", "first CREATE"));
    EXPECT_EQ(at(m_cluster.get("Pod", "web"), {"metadata", "labels"}), R"({"first":"x","last":"x","never":"x"})");
}

TEST_F(Webhooks, areNotedForTheAuditLog)
{
    const std::string patch = R"([{"op":"add","path":"/metadata/labels","value":{"by":"webhook"}}])";
    serve([&](const std::string& path, const Value&) { return path == "label" ? patched(patch) : allow(); });
    configure("Mutating", "m", webhook("label", "reinvocationPolicy: IfNeeded") + ", " + webhook("look"));
    const auto noted = [&](const std::string& pod) {
        annotations.clear();
        EXPECT_EQ(createPod(pod), "ok");
        std::string text;
        for (const auto& [name, value] : annotations)
            text += fmt::format("{}: {}\n", name, value);
        return text;
    };
    const std::string mutation = "mutation.webhook.admission.k8s.io/round_0_index_0: "
                                 R"({"configuration":"m","webhook":"label.example.com","mutated":true})"
                                 "\n"
                                 "mutation.webhook.admission.k8s.io/round_0_index_1: "
                                 R"({"configuration":"m","webhook":"look.example.com","mutated":false})"
                                 "\n";
    EXPECT_EQ(noted("a"), mutation);
    m_cluster.context.auditsBodies = true;
    EXPECT_EQ(noted("b"), mutation +
                              "patch.webhook.admission.k8s.io/round_0_index_0: "
                              R"({"configuration":"m","webhook":"label.example.com","patch":)" +
                              patch +
                              R"(,"patchType":"JSONPatch"})"
                              "\n");
}

TEST_F(Webhooks, failAsTheirPolicySays)
{
    serve([](const std::string&, const Value&) -> Value { return nullptr; });
    configure("Validating", "a", webhook("open", "failurePolicy: Ignore"));
    EXPECT_EQ(createPod("a"), "ok");
    EXPECT_EQ(annotations["failed-open.validating.webhook.admission.k8s.io/round_0_index_0"], "open.example.com");
    configure("Validating", "b", webhook("closed", "failurePolicy: Fail"));
    const auto said = createPod("b");
    EXPECT_THAT(said,
                HasSubstr("InternalError: Internal error occurred: failed calling webhook \"closed.example.com\": "
                          "failed to call webhook: Post \"https://127.0.0.1:"));
    EXPECT_THAT(said, HasSubstr("/closed?timeout=10s\": the server answers with status 500"));
}

TEST_F(Webhooks, haveTheTimeThatTheyAreGiven)
{
    std::promise<void> over;
    serve([wait = over.get_future().share()](const std::string&, const Value&) -> Value {
        wait.wait();
        return nullptr;
    });
    configure("Validating", "v", webhook("slow", "timeoutSeconds: 1"));
    EXPECT_THAT(createPod("web"), HasSubstr("/slow?timeout=1s\": no answer in time"));
    over.set_value();
}

TEST_F(Webhooks, mustProveWhoTheyAre)
{
    serve([](const std::string&, const Value&) { return allow(); });
    const SystemClock clock;
    const WebhookServer other(clock, [](const std::string&, const Value&) { return allow(); });
    auto text = webhook("check");
    const auto authority = text.find("caBundle: ");
    text.replace(authority, text.find('}', authority) - authority, "caBundle: " + api::encodeBase64(other.authority()));
    configure("Validating", "v", text);
    EXPECT_THAT(createPod("web"), HasSubstr("failed calling webhook"));
    EXPECT_THAT(asked(), ElementsAre());
}

TEST_F(Webhooks, areFoundBehindServices)
{
    serve([](const std::string&, const Value&) { return allow(); });
    auto text = webhook("check");
    const auto url = text.find("url: ");
    const auto port = text.substr(text.find("127.0.0.1:") + 10, text.find("/check") - text.find("127.0.0.1:") - 10);
    text.replace(url, text.find(',', url) - url, "service: {namespace: default, name: hook, path: /check}");
    configure("Validating", "v", text);
    EXPECT_THAT(createPod("web"),
                HasSubstr("failed to call webhook: Post \"https://hook.default.svc:443/check?timeout=10s\": "
                          "service \"hook\" not found"));
    ASSERT_EQ(
        outcome(m_cluster.create("Service", "{metadata: {name: hook}, spec: {ports: [{name: https, port: 443}]}}")),
        "ok");
    EXPECT_THAT(createPod("web"), HasSubstr("no endpoints available for service \"hook\""));
    ASSERT_EQ(outcome(m_cluster.create(
                  "EndpointSlice",
                  fmt::format(
                      "{{metadata: {{name: hook-1, labels: {{kubernetes.io/service-name: hook}}}}, addressType: IPv4, "
                      "endpoints: [{{addresses: [{}]}}], ports: [{{name: https, port: {}}}]}}",
                      serverAddress, port))),
              "ok");
    EXPECT_EQ(createPod("web"), "ok");
    EXPECT_THAT(asked(), ElementsAre("check CREATE"));
}

TEST_F(Webhooks, areAskedOnlyAboutWhatTheySelect)
{
    serve([](const std::string&, const Value&) -> Value { return {{"allowed", false}}; });
    configure("Validating", "v",
              webhook("space", "namespaceSelector: {matchLabels: {check: \"yes\"}}") + ", " +
                  webhook("object", "objectSelector: {matchLabels: {check: \"yes\"}}") + ", " +
                  webhook("self", "",
                          "rules: [{apiGroups: ['*'], apiVersions: ['*'], resources: "
                          "[validatingwebhookconfigurations], operations: ['*']}]"));
    EXPECT_EQ(createPod("web"), "ok");
    EXPECT_EQ(outcome(m_cluster.remove("ValidatingWebhookConfiguration", "v")), "ok") << "never asked about themselves";
    EXPECT_THAT(asked(), ElementsAre());
}

TEST_F(Webhooks, areAskedWhenTheirConditionsHold)
{
    serve([](const std::string&, const Value&) -> Value { return {{"allowed", false}}; });
    const auto conditions = [](std::string_view expression) {
        return fmt::format("matchConditions: [{{name: c, expression: '{}'}}]", expression);
    };
    configure("Validating", "a", webhook("name", conditions("object.metadata.name == \"bad\"")));
    configure("Validating", "b",
              webhook("user", conditions("request.userInfo.username == \"jane\" && "
                                         "!authorizer.path(\"/\").check(\"get\").allowed()")));
    EXPECT_EQ(createPod("good"), "ok");
    EXPECT_THAT(asked(), ElementsAre());
    EXPECT_THAT(createPod("bad"), HasSubstr("admission webhook \"name.example.com\" denied the request"));
    m_cluster.context.user.name = "jane";
    EXPECT_THAT(createPod("better"), HasSubstr("admission webhook \"user.example.com\" denied the request"));
    EXPECT_THAT(asked(), ElementsAre("name CREATE", "user CREATE"));
}

TEST_F(Webhooks, failWithTheirConditions)
{
    serve([](const std::string&, const Value&) { return allow(); });
    configure("Validating", "a",
              webhook("open", "failurePolicy: Ignore, matchConditions: [{name: c, expression: 'object.none == 1'}]"));
    EXPECT_EQ(createPod("a"), "ok");
    configure("Mutating", "b", webhook("closed", "matchConditions: [{name: c, expression: 'object.none == 1'}]"));
    EXPECT_EQ(createPod("b"),
              "Forbidden: pods \"b\" is forbidden: expression 'object.none == 1' resulted in error: no such key: none");
    EXPECT_THAT(asked(), ElementsAre());
    EXPECT_EQ(outcome(m_cluster.create("ValidatingWebhookConfiguration",
                                       fmt::format("{{metadata: {{name: v}}, webhooks: [{}]}}",
                                                   webhook("check", "matchConditions: [{name: c, expression: '1'}]")))),
              "Invalid: ValidatingWebhookConfiguration.admissionregistration.k8s.io \"v\" is invalid: "
              "webhooks[0].matchConditions[0].expression: Invalid value: \"1\": must evaluate to bool");
}

TEST_F(Webhooks, thatValidateAreAskedAllAtOnce)
{
    std::latch all(3); // each answer waits for the others' questions
    serve([&all](const std::string& path, const Value&) -> Value {
        all.arrive_and_wait();
        return {{"allowed", path == "a"}, {"warnings", api::Array{path}}};
    });
    configure("Validating", "v", webhook("a") + ", " + webhook("b") + ", " + webhook("c"));
    EXPECT_THAT(createPod("web"), HasSubstr("webhook \"b.example.com\" denied"));
    EXPECT_THAT(warnings, ElementsAre("a", "b")) << "what those say that are in front of the refusal";
}

TEST_F(Webhooks, seeTheKindsOfSubresources)
{
    std::mutex mutex;
    std::vector<std::string> seen;
    serve([&](const std::string&, const Value& request) -> Value {
        const std::scoped_lock lock(mutex);
        seen.push_back(fmt::format("{} {}/{} {}: {} {}", at(request, {"operation"}),
                                   at(request, {"resource", "resource"}), at(request, {"subResource"}),
                                   at(request, {"kind", "kind"}), at(request, {"object", "kind"}),
                                   at(request, {"oldObject", "kind"})));
        return {{"allowed", at(request, {"name"}) != "held"}};
    });
    configure("Validating", "v",
              webhook("check", "",
                      "rules: [{apiGroups: ['', apps], apiVersions: [v1], resources: [pods/binding, pods/eviction, "
                      "pods/exec, deployments/scale], "
                      "operations: ['*']}]"));
    ASSERT_EQ(createPod("web"), "ok");
    ASSERT_EQ(createPod("held"), "ok");
    ASSERT_EQ(outcome(m_cluster.create("Deployment", deploymentYaml)), "ok");
    auto& registry = *m_cluster.registry;
    const auto& context = m_cluster.context;
    const auto& pods = m_cluster.kind("Pod");
    const Value eviction{{"apiVersion", "policy/v1"}, {"kind", "Eviction"}, {"metadata", {{"name", "web"}}}};
    const Value options{{"apiVersion", "v1"}, {"kind", "PodExecOptions"}, {"command", api::Array{"ls"}}};
    EXPECT_EQ(outcome(registry.bindEach(context, {{{"default", "web"}, "", "n1"}}).front()), "ok");
    EXPECT_THAT(outcome(registry.bindEach(context, {{{"default", "held"}, "", "n1"}}).front()),
                HasSubstr("denied the request"));
    EXPECT_EQ(outcome(registry.admitConnection(context, pods, {"default", "web"}, "exec", options)), "ok");
    EXPECT_THAT(outcome(registry.evict(context, {"default", "held"}, eviction, {})), HasSubstr("denied the request"));
    EXPECT_EQ(outcome(registry.evict(context, {"default", "web"}, eviction, {})), "ok");
    EXPECT_EQ(outcome(registry.updateScale(context, m_cluster.kind("Deployment"), {"default", "web"},
                                           m_cluster.document("{spec: {replicas: 7}}"))),
              "ok");
    EXPECT_THAT(seen,
                ElementsAre("CREATE pods/binding Binding: Binding ", "CREATE pods/binding Binding: Binding ",
                            "CONNECT pods/exec PodExecOptions: PodExecOptions ",
                            "CREATE pods/eviction Eviction: Eviction ", "CREATE pods/eviction Eviction: Eviction ",
                            "UPDATE deployments/scale Scale: Scale Scale"));
}

TEST_F(Webhooks, mayChangeHowAPodIsEvicted)
{
    serve([](const std::string&, const Value&) {
        return patched(R"([{"op":"add","path":"/deleteOptions","value":{"gracePeriodSeconds":7}}])");
    });
    configure("Mutating", "m",
              webhook("grace", "",
                      "rules: [{apiGroups: [''], apiVersions: [v1], resources: [pods/eviction], operations: ['*']}]"));
    ASSERT_EQ(createPod("web"), "ok");
    ASSERT_EQ(outcome(m_cluster.registry->bindEach(m_cluster.context, {{{"default", "web"}, "", "n1"}}).front()), "ok");
    const Value eviction{{"apiVersion", "policy/v1"}, {"kind", "Eviction"}, {"metadata", {{"name", "web"}}}};
    const auto options = [](const Value& admitted) -> Result<client::DeleteOptions> {
        return client::DeleteOptions{.gracePeriodSeconds =
                                         api::integerAt(admitted, {"deleteOptions", "gracePeriodSeconds"}, 30)};
    };
    EXPECT_EQ(outcome(m_cluster.registry->evict(m_cluster.context, {"default", "web"}, eviction, options)), "ok");
    EXPECT_EQ(at(m_cluster.get("Pod", "web"), {"metadata", "deletionGracePeriodSeconds"}), "7");
    EXPECT_EQ(outcome(m_cluster.registry->evict(m_cluster.context, {"default", "web"}, eviction,
                                                [](const Value&) { return fail(Reason::BadRequest, "no grace"); })),
              "BadRequest: no grace");
}

TEST_F(Webhooks, mayChangeWhatIsScaled)
{
    serve([](const std::string&, const Value&) {
        return patched(R"([{"op":"replace","path":"/spec/replicas","value":3}])");
    });
    configure("Mutating", "m",
              webhook("limit", "",
                      "rules: [{apiGroups: [apps], apiVersions: [v1], resources: [deployments/scale], operations: "
                      "['*']}]"));
    ASSERT_EQ(outcome(m_cluster.create("Deployment", deploymentYaml)), "ok");
    EXPECT_EQ(outcome(m_cluster.registry->updateScale(m_cluster.context, m_cluster.kind("Deployment"),
                                                      {"default", "web"}, m_cluster.document("{spec: {replicas: 7}}"))),
              "ok");
    EXPECT_EQ(at(m_cluster.get("Deployment", "web"), {"spec", "replicas"}), "3");
}

} // namespace
} // namespace keelson::registry
