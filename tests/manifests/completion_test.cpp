// SPDX-License-Identifier: Apache-2.0
#include "manifests/completion.h"
#include "manifests/placed_object.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

namespace keelson::manifests {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;

const std::string deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n";
const std::string pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n";

/// A set with a ConfigMap and a workload, beside a cluster that has a Secret.
Surroundings around()
{
    Surroundings known;
    addObject(known,
              *api::parseYaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {a: x, b: y}}"),
              true, 1);
    addObject(
        known,
        *api::parseYaml("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {metadata: "
                        "{labels: {app: web}}, spec: {containers: [{name: c, ports: [{name: http, containerPort: "
                        "8080}]}]}}}}"),
        true, 2);
    known.cluster["Secret"] = {true, {{"default", "credentials"}, {"other", "hidden"}}};
    return known;
}

Completion at(std::string text)
{
    const auto bar = text.find('|');
    text.erase(bar, 1);
    return complete(text, bar, document::Kinds(), around());
}

std::vector<std::string> labels(const std::string& text)
{
    std::vector<std::string> all;
    for (const auto& proposal : at(text).proposals)
        all.push_back(proposal.label);
    return all;
}

/// The text after the best proposal was taken.
std::string taken(std::string text)
{
    const auto completion = at(text);
    text.erase(text.find('|'), 1);
    if (completion.proposals.empty())
        return "nothing proposed";
    const auto& best = completion.proposals.front();
    return text.replace(completion.span.begin, completion.span.size(), best.insert + best.after);
}

} // namespace

TEST(Completion, proposesFieldsOfThePlace)
{
    EXPECT_THAT(labels(deployment + "spec:\n  repl|"), ElementsAre("replicas"));
    EXPECT_THAT(labels(deployment + "spec:\n  replicas: 2\n  |"),
                AllOf(Contains("selector"), Contains("template"), Not(Contains("replicas"))));
    EXPECT_EQ(labels(deployment + "spec:\n  |").front(), "selector") << "what is required comes first";
    EXPECT_THAT(labels(pod + "spec:\n  containers:\n    - name: a\n      ima|"), Contains("imagePullPolicy"));
    EXPECT_THAT(labels(pod + "|"), AllOf(Contains("spec"), Not(Contains("status")), Not(Contains("kind"))));
    EXPECT_THAT(labels("apiVersion: none/v1\nkind: Unknown\nspec:\n  |"), ElementsAre());
}

TEST(Completion, proposesBetweenBrackets)
{
    EXPECT_THAT(labels(pod + "spec: {|}"), AllOf(Contains("containers"), Contains("restartPolicy")));
    EXPECT_EQ(taken(pod + "spec: {restartPol|}"), pod + "spec: {restartPolicy: }");
    EXPECT_EQ(taken(pod + "spec: {containers|}"), pod + "spec: {containers: [{}]}");
    EXPECT_EQ(taken(pod + "spec: {containers: [|]}"), pod + "spec: {containers: [{name: }]}");
    EXPECT_EQ(taken(pod + "spec: {nodeSelec|}"), pod + "spec: {nodeSelector: {}}");
    EXPECT_EQ(taken(pod + "spec: {hostNetwork|: true}"), pod + "spec: {hostNetwork: true}");
    EXPECT_EQ(taken(pod + "spec: {restartPolicy: Ne|, hostNetwork: true}"),
              pod + "spec: {restartPolicy: Never, hostNetwork: true}");
    EXPECT_THAT(labels(pod + "spec: {containers: [{name: a, im|}]}"), Contains("imagePullPolicy"));
    EXPECT_THAT(labels("apiVersion: v1\nkind: Service\nspec: {ports: [{targetPort: |}]}"), ElementsAre("http", "8080"));
    EXPECT_THAT(labels("apiVersion: v1\nkind: List\nitems: [{kind: Pod, apiVersion: v1, spec: {restartPol|}}]"),
                ElementsAre("restartPolicy"));
    const auto place = at(pod + "spec: {containers|}");
    EXPECT_EQ(place.proposals.front().insert, "containers: [{") << "the cursor stands between the brackets";
}

TEST(Completion, writesJsonInJson)
{
    const std::string head = R"({"apiVersion": "v1", "kind": "Pod", "spec": {)";
    EXPECT_EQ(taken(head + "\"restartPol|\n}}"), head + "\"restartPolicy\": \"\"\n}}");
    EXPECT_EQ(taken(head + "restartPol|}}"), head + "\"restartPolicy\": \"\"}}");
    EXPECT_EQ(taken(head + "\"hostNetwork|\": true}}"), head + "\"hostNetwork\": true}}");
    EXPECT_EQ(taken(head + "\"restartPolicy\": \"Ne|\"}}"), head + "\"restartPolicy\": \"Never\"}}");
    EXPECT_EQ(taken(head + "\"hostNetwork\": tr|}}"), head + "\"hostNetwork\": true}}");
    EXPECT_EQ(taken(head + "\"containers|\"}}"), head + "\"containers\": [{}]}}");
    EXPECT_EQ(taken(R"({"kind": "Confi|"})"), R"({"kind": "ConfigMap"})");
}

TEST(Completion, answersBetweenTwoKeysInTenThousandLines)
{
    auto text = pod + "spec:\n  containers:\n";
    for (int i = 0; i < 2'500; ++i)
        text += fmt::format("    - name: c{}\n      image: web:1\n      env: [{{name: A, value: 'b'}},\n        "
                            "{{name: B, value: c}}]\n",
                            i);
    text += "    - name: last\n      env: [{na";
    EXPECT_EQ(complete(text, text.size(), document::Kinds(), {}).proposals.size(), 1u);
}

TEST(Completion, keepsQuotesAndBlanks)
{
    EXPECT_EQ(taken(pod + "spec:\n  restartPolicy: \"Ne|\"\n"), pod + "spec:\n  restartPolicy: \"Never\"\n");
    EXPECT_EQ(taken(pod + "spec:\n  restartPolicy: 'Ne|\n"), pod + "spec:\n  restartPolicy: 'Never'\n");
    EXPECT_EQ(taken(pod + "spec:\n  hostNetwork:|\n"), pod + "spec:\n  hostNetwork: true\n");
    EXPECT_EQ(taken(pod + "spec: {hostNetwork:|}\n"), pod + "spec: {hostNetwork: true}\n");
}

TEST(Completion, knowsTheNamespaceOfAnItem)
{
    const std::string list =
        "apiVersion: v1\nkind: List\nitems:\n"
        "- {apiVersion: v1, kind: Pod, metadata: {name: a, namespace: other}, spec: {volumes: []}}\n"
        "- {apiVersion: v1, kind: Pod, metadata: {name: b}, spec: {volumes: [{secret: {secretName: |}}]}}\n";
    auto text = list;
    const auto bar = text.find('|');
    text.erase(bar, 1);
    Surroundings known = around();
    for (const auto& [place, object] : objectsOf(*api::parseYaml(text)))
        addObject(known, *object, true, 7, place);
    const auto names = [&](std::size_t offset) {
        std::vector<std::string> all;
        for (const auto& proposal : complete(text, offset, document::Kinds(), known, 7).proposals)
            all.push_back(proposal.label);
        return all;
    };
    EXPECT_THAT(names(bar), ElementsAre("credentials"));
    text.replace(text.find("volumes: []"), 11, "volumes: [{secret: {secretName: }}]");
    EXPECT_THAT(names(text.find("secretName: }") + 12), ElementsAre("hidden"));
}

TEST(Completion, proposesByTheKindOfAnItem)
{
    const std::string list = "apiVersion: v1\nkind: List\nitems:\n";
    const std::string items = "  - apiVersion: v1\n    kind: Pod\n    spec:\n      |\n"
                              "  - kind: Deployment\n    apiVersion: apps/v1\n    spec:\n      replicas: 1\n";
    EXPECT_THAT(labels(list + items), AllOf(Contains("containers"), Not(Contains("replicas"))));
    EXPECT_THAT(
        labels(list + "- kind: Pod\n  apiVersion: v1\n- apiVersion: apps/v1\n  kind: Deployment\n  spec:\n    repl|"),
        ElementsAre("replicas"));
    EXPECT_THAT(labels(list + "- kind: Pod\n  apiVersion: v1\n- apiVersion: v1\n  ki|"), Contains("kind"));
    EXPECT_THAT(labels(list + "- apiVersion: v1\n  kind: Confi|"), Contains("ConfigMap"));
    EXPECT_THAT(labels(list + "- apiVersion: v1\n  kind: Pod\n  spec:\n    containers:\n    - env: []\n      ima|"),
                Contains("imagePullPolicy"));
}

TEST(Completion, writesWhatOneTypesOnFrom)
{
    EXPECT_EQ(taken(deployment + "spec:\n  repl|\n"), deployment + "spec:\n  replicas: \n");
    EXPECT_EQ(taken(deployment + "spec:\n  templ|"), deployment + "spec:\n  template:\n    ");
    EXPECT_EQ(taken(pod + "spec:\n  containers|"), pod + "spec:\n  containers:\n    - ");
    EXPECT_EQ(taken(pod + "spec:\n  restartPol|: Never\n"), pod + "spec:\n  restartPolicy: Never\n");
    EXPECT_EQ(taken(pod + "spec:\n  containers:\n    nam|"), pod + "spec:\n  containers:\n    - name: ");
}

TEST(Completion, proposesWordsOfEnumerations)
{
    EXPECT_THAT(labels(pod + "spec:\n  restartPolicy: |"),
                testing::UnorderedElementsAre("Always", "Never", "OnFailure"));
    EXPECT_THAT(labels(pod + "spec:\n  hostNetwork: |"), ElementsAre("true", "false"));
    EXPECT_THAT(labels("apiVersion: |\nkind: Deployment\n"), ElementsAre("apps/v1"));
    EXPECT_THAT(labels("apiVersion: apps/v1\nkind: |\n"), AllOf(Contains("Deployment"), Not(Contains("Pod"))));
    EXPECT_THAT(labels("|"), AllOf(Contains("Deployment"), Contains("apiVersion")));
}

TEST(Completion, proposesWhatThereIs)
{
    const auto env = pod + "spec:\n  containers:\n    - name: a\n      env:\n        - name: A\n          valueFrom:\n";
    EXPECT_THAT(labels(env + "            configMapKeyRef:\n              name: |"), ElementsAre("settings"));
    EXPECT_THAT(labels(env + "            configMapKeyRef:\n              name: settings\n              key: |"),
                ElementsAre("a", "b"));
    EXPECT_THAT(labels(env + "            secretKeyRef:\n              name: |"), ElementsAre("credentials"));
    EXPECT_THAT(labels("apiVersion: v1\nkind: Service\nspec:\n  ports:\n    - targetPort: |"),
                ElementsAre("http", "8080"));
    EXPECT_THAT(labels("apiVersion: v1\nkind: Service\nspec:\n  selector:\n    app: |"), ElementsAre("web"));
    EXPECT_THAT(labels("apiVersion: v1\nkind: Service\nspec:\n  selector:\n    ap|"), Contains("app"));
}

TEST(Completion, explainsWhatItProposes)
{
    const auto completion = at(deployment + "spec:\n  repl|");
    ASSERT_EQ(completion.proposals.size(), 1u);
    const auto& explanation = completion.proposals.front().explanation;
    EXPECT_EQ(explanation.title, "spec.replicas");
    EXPECT_EQ(explanation.type, "integer");
    EXPECT_FALSE(explanation.text.empty());
    EXPECT_THAT(explanation.facts, Contains("Default: 1"));
}

TEST(Explanation, isFoundAtKeysAndValues)
{
    const auto text = deployment + "spec:\n  replicas: 3\n";
    EXPECT_EQ(explain(text, text.find("repl") + 1, document::Kinds()).title, "spec.replicas");
    EXPECT_EQ(explain(text, text.find('3'), document::Kinds()).title, "spec.replicas");
    EXPECT_TRUE(explain(text, text.find("web"), document::Kinds()).title == "metadata.name");
    EXPECT_TRUE(explain("a: b", 1, document::Kinds()).isEmpty());
    const auto between = deployment + "spec: {\"replicas\": 3}\n";
    EXPECT_EQ(explain(between, between.find("repl"), document::Kinds()).title, "spec.replicas");
    EXPECT_EQ(explain(between, between.find('3'), document::Kinds()).title, "spec.replicas");
}

TEST(Fitness, prefersBeginnings)
{
    EXPECT_GT(fitness("image", "im"), fitness("skim", "im"));
    EXPECT_GT(fitness("imagePullPolicy", "ipp"), 0);
    EXPECT_EQ(fitness("name", "x"), 0);
}

} // namespace keelson::manifests
