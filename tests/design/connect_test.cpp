// SPDX-License-Identifier: Apache-2.0
#include "design/connect.h"
#include "design/palette.h"
#include "design/relations.h"
#include "design/set.h"
#include "document/diagnostics.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::design {
namespace {

const std::string pods = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web} # mine
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, tier: front}}
    spec:
      containers:
        - name: web
          image: web:1
          ports: [{name: http, containerPort: 8080}]
---
)";

std::string object(const std::string& kind, const std::string& name, const std::string& rest = {})
{
    return fmt::format("apiVersion: v1\nkind: {}\nmetadata: {{name: {}}}\n{}---\n", kind, name, rest);
}

std::string titles(const TestSet& set, std::size_t one = 0, std::size_t other = 1)
{
    std::string all;
    for (const auto& offer : offersBetween(set.cards(), one, other))
        all += offer.title + "\n";
    return all;
}

/// Carries out an offer; the text afterwards.
std::string after(TestSet& set, std::size_t number = 0, std::size_t one = 0, std::size_t other = 1)
{
    const auto offers = offersBetween(set.cards(), one, other);
    if (number >= offers.size())
        return "no such offer";
    set.manifest.beginStep(offers[number].label);
    for (const auto& [card, edits] : offers[number].edits)
        if (const auto done = set.manifest.edit(set.cards()[card].document, edits, offers[number].label); !done)
            return done.error().message;
    set.manifest.endStep();
    set.update();
    return set.manifest.text();
}

TEST(Connect, offersOnlyWhatIsValid)
{
    struct Row {
        std::string one;
        std::string other;
        const char* titles;
    };
    const auto claim = object("PersistentVolumeClaim", "data");
    const std::vector<Row> rows{
        {pods, object("Service", "s"), "Send its traffic to these pods\n"},
        {pods, object("ConfigMap", "c", "data: {log.level: info}\n"),
         "All keys as environment\nFiles in /etc/c\nVariable LOG_LEVEL from log.level\n"},
        {pods, object("Secret", "c"), "All keys as environment\nFiles in /etc/c\n"},
        {pods, object("Secret", "c", "type: kubernetes.io/dockerconfigjson\n"),
         "Pull images with it\nAll keys as environment\nFiles in /etc/c\n"},
        {pods, claim, "Mount at /data\n"},
        {pods, object("ServiceAccount", "a"), "Its pods run as this account\n"},
        {pods, object("HorizontalPodAutoscaler", "h"), "Scale it\n"},
        {pods, object("PodDisruptionBudget", "h"), "Keep its pods running\n"},
        {pods, object("NetworkPolicy", "p"), "Guard these pods\nLet these pods in\nLet its pods out to these\n"},
        {pods, object("Namespace", "shop"), "Move into this namespace\n"},
        {pods, object("Namespace", "default"), ""},
        {pods, object("Role", "r"), ""},
        {object("Service", "s"), object("Service", "t"), ""},
        {object("Ingress", "i"), object("Service", "s"),
         "A rule for every host\nWhat fits no rule goes to it (default backend)\n"},
        {object("Ingress", "i"), object("Secret", "s"), "TLS with this certificate\n"},
        {object("RoleBinding", "b"), object("Role", "r"), "Grant this role\n"},
        {object("RoleBinding", "b"), object("ServiceAccount", "r"), "Grant it to this account\n"},
        {object("ClusterRoleBinding", "b"), object("Role", "r"), ""},
        {object("Job", "j", "spec: {template: {spec: {containers: [{name: j}]}}}\n"), object("Service", "r"), ""},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(titles(TestSet(row.one + row.other)), row.titles) << row.other;
        EXPECT_EQ(titles(TestSet(row.one + row.other), 1, 0), row.titles) << "from the other end: " << row.other;
    }
}

TEST(Connect, aServiceGetsTheLabelsAndThePort)
{
    TestSet set(pods + object("Service", "s", "spec:\n  ports: # to all\n    - port: 80\n"));
    EXPECT_EQ(after(set),
              pods + "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  ports: # to all\n    - port: "
                     "80\n      targetPort: http\n  selector:\n    app: web\n---\n");
    EXPECT_EQ(titles(set), "") << "it is connected";
    EXPECT_EQ(relationsOf(set.cards()).size(), 1U);
}

TEST(Connect, podsWithoutLabelsGetSome)
{
    TestSet set(object("Pod", "p", "spec: {containers: [{name: a}]}\n") + object("Service", "s", "spec: {}\n"));
    const auto text = after(set);
    EXPECT_NE(text.find("metadata: {name: p, labels: {app: p}}"), std::string::npos) << text;
    EXPECT_NE(text.find("selector:\n    app: p"), std::string::npos) << text;
    set.manifest.undo();
    EXPECT_EQ(set.manifest.text().find("app: p"), std::string::npos) << "both ends are one step";
}

TEST(Connect, eachOfferMakesARelationAndKeepsTheRest)
{
    const std::vector<std::string> others{object("ConfigMap", "c", "data: {a: b}\n"),
                                          object("Secret", "c"),
                                          object("PersistentVolumeClaim", "d"),
                                          object("ServiceAccount", "a"),
                                          object("HorizontalPodAutoscaler", "h", "spec: {}\n"),
                                          object("PodDisruptionBudget", "h", "spec: {}\n"),
                                          object("NetworkPolicy", "p", "spec: {podSelector: {matchLabels: {a: b}}}\n"),
                                          object("Namespace", "shop")};
    for (const auto& other : others)
        for (std::size_t number = 0; number < 8; ++number) {
            TestSet set(pods + other);
            if (number >= offersBetween(set.cards(), 0, 1).size())
                break;
            const auto text = after(set, number);
            const auto relations = relationsOf(set.cards());
            ASSERT_FALSE(relations.empty()) << text;
            EXPECT_NE(text.find("metadata: {name: web"), std::string::npos);
            EXPECT_NE(text.find("# mine"), std::string::npos);
            set.manifest.undo();
            EXPECT_EQ(set.manifest.text(), pods + other);
        }
}

TEST(Connect, aClaimIsMountedWhereThereIsRoom)
{
    TestSet set(pods + object("PersistentVolumeClaim", "one") + object("PersistentVolumeClaim", "two"));
    after(set, 0, 0, 1);
    const auto text = after(set, 0, 0, 2);
    EXPECT_NE(text.find("mountPath: /data-2"), std::string::npos) << text;
    EXPECT_EQ(relationsOf(set.cards()).size(), 2U);
}

TEST(Connect, aNetworkPolicyActsInTheDirectionOfItsRules)
{
    struct Row {
        const char* types;
        std::size_t number; ///< Of the offer: pods are guarded, let in, let out.
        const char* after;
    };
    const std::vector<Row> rows{
        {"", 1, ""},
        {"", 2, ""}, // without types they follow from the rules
        {", policyTypes: [Ingress]", 1, ", policyTypes: [Ingress]"},
        {", policyTypes: [Ingress]", 2, ", policyTypes: [Ingress, Egress]"},
        {", policyTypes: [Egress]", 1, ", policyTypes: [Egress, Ingress]"},
    };
    for (const auto& row : rows) {
        const auto policy = [](const char* types) {
            return object("NetworkPolicy", "p", fmt::format("spec: {{podSelector: {{}}{}}}\n", types));
        };
        TestSet set(pods + policy(row.types));
        const auto text = after(set, row.number);
        const std::string rule = row.number == 1 ? "ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]"
                                                 : "egress: [{to: [{podSelector: {matchLabels: {app: web}}}]}]";
        EXPECT_NE(text.find(fmt::format("podSelector: {{}}{}, {}}}", row.after, rule)), std::string::npos) << text;
        EXPECT_EQ(titles(set).find(row.number == 1 ? "Let these pods in" : "Let its pods out"), std::string::npos)
            << "the same is not offered again";
    }
}

TEST(Connect, saysWhyThereIsNothing)
{
    struct Row {
        std::string one;
        std::string other;
        const char* words;
    };
    const std::vector<Row> rows{
        {pods, object("Role", "r"), "have nothing to say to each other"},
        {pods, "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: shop}\n", "different namespaces"},
        {pods, "kind: [", "has an error"},
        {pods, object("Service", "s", "spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}\n"),
         "connected already"},
    };
    for (const auto& row : rows) {
        const TestSet set(row.one + row.other);
        EXPECT_EQ(titles(set), "");
        EXPECT_NE(whyNoOffer(set.cards(), 0, 1).find(row.words), std::string::npos) << whyNoOffer(set.cards(), 0, 1);
    }
}

TEST(Palette, startersAreValidAndNamedAfresh)
{
    const document::Kinds kinds;
    EXPECT_FALSE(paletteOf(kinds).empty());
    for (const auto* entry : paletteOf(kinds)) {
        const auto text = api::writeYaml(starter(*entry, "web"));
        const auto tree = document::Tree::read(text);
        for (const auto& found : document::diagnose(text, tree, kinds))
            ADD_FAILURE() << entry->kind << ": " << found.message << "\n" << text;
    }
    const TestSet set(object("Service", "web") + object("Service", "web-2") + object("ConfigMap", "a"));
    EXPECT_EQ(freshName(set.cards(), "Service", "web"), "web-3");
    EXPECT_EQ(freshName(set.cards(), "Service", "web-2"), "web-3");
    EXPECT_EQ(freshName(set.cards(), "Service", "web-x"), "web-x");
    EXPECT_EQ(freshName(set.cards(), "ConfigMap", "web"), "web");
}

TEST(Palette, startersNameWhatTheSetHasOnce)
{
    struct Row {
        const char* kind;
        std::string set;
        const char* has;
        const char* hasNot;
    };
    const auto workload = pods;
    const std::vector<Row> rows{
        {"Service", workload, "\"selector\":{\"app\":\"web\"}", "-"},
        {"Service", "", "\"kind\":\"Service\"", "selector"},
        {"HorizontalPodAutoscaler", workload, "\"kind\":\"Deployment\",\"name\":\"web\"", "-"},
        {"NetworkPolicy", workload, "\"podSelector\":{\"matchLabels\":{\"app\":\"web\"}}", "-"},
        {"Ingress", object("Service", "front", "spec: {ports: [{name: x, port: 1}]}\n"),
         "\"service\":{\"name\":\"front\",\"port\":{\"name\":\"x\"}}", "-"},
        {"Ingress", "", "\"service\":{\"name\":\"web\"", "-"},
        {"RoleBinding", object("Role", "r") + object("ServiceAccount", "a"), "\"name\":\"r\"", "-"},
    };
    for (const auto& row : rows) {
        const TestSet set(row.set);
        const auto made = api::writeJson(starterIn(*paletteEntry(row.kind), set.cards(), "default", "default"));
        EXPECT_NE(made.find(row.has), std::string::npos) << row.kind << ": " << made;
        EXPECT_EQ(made.find(row.hasNot[0] == '-' ? "\"namespace\":\"x\"" : row.hasNot), std::string::npos) << made;
    }
}

TEST(Palette, pastedTextsKeepTheirCommentsAndGetFreshNames)
{
    const TestSet set(pods);
    const auto copies =
        freshCopies(set.cards(), "# first\n" + pods + "# nothing\n---\n" + pods, document::Kinds(), "default");
    ASSERT_TRUE(copies);
    ASSERT_EQ(copies->size(), 2U);
    EXPECT_NE((*copies)[0].find("# first\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web-2} # mine\n"),
              std::string::npos)
        << (*copies)[0];
    EXPECT_NE((*copies)[0].find("matchLabels: {app: web-2}"), std::string::npos);
    EXPECT_NE((*copies)[1].find("metadata: {name: web-3} # mine\n"), std::string::npos) << (*copies)[1];
    const auto headed =
        freshCopies(set.cards(), "%YAML 1.1\n# head\n--- # mine\n" + pods, document::Kinds(), "default");
    ASSERT_TRUE(headed);
    EXPECT_TRUE(headed->front().starts_with("# head\n# mine\napiVersion: ")) << headed->front();
    const auto broken = freshCopies(set.cards(), "a: b\n---\nkind: [", document::Kinds(), "default");
    ASSERT_FALSE(broken);
    EXPECT_NE(broken.error().message.find("line 3"), std::string::npos) << broken.error().message;
    EXPECT_FALSE(freshCopies(set.cards(), "just words", document::Kinds(), "default"));
}

TEST(Palette, newDocumentsAreWrittenInTheHabitsOfTheManifest)
{
    const auto object = starter(*paletteEntry("ServiceAccount"), "a");
    EXPECT_EQ(writtenLike(document::ManifestText("# mine\n"), object),
              "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: a\n");
    EXPECT_EQ(writtenLike(document::ManifestText("a:\r\n    b: c\r\n"), object),
              "apiVersion: v1\r\nkind: ServiceAccount\r\nmetadata:\r\n    name: a\r\n");
    EXPECT_EQ(writtenLike(document::ManifestText("kind: x\n---\nkind: y"), object),
              "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: a\n");
}

TEST(Palette, copiesDoNotTakeOverThePodsOfTheFirst)
{
    const auto copy = renamedCopy(starter(*paletteEntry("Deployment"), "web"), "web-2");
    EXPECT_EQ(api::writeJson(copy).find("\"web\""), api::writeJson(copy).find("\"web\",\"image\""))
        << "only the container keeps its name: " << api::writeJson(copy);
}

} // namespace
} // namespace keelson::design
