// SPDX-License-Identifier: Apache-2.0
#include "fieldmanager/managers.h"
#include "registry/cluster.h"
#include "support/tree.h"

#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace keelson::registry {
namespace {

using testing::HasSubstr;

Result<StoredObjectPtr> apply(Cluster& cluster, const std::string& manager, std::string_view kind,
                              const std::string& name, const Value& configuration, bool force = false,
                              std::string_view subresource = {})
{
    auto context = cluster.context;
    context.fieldManager = manager;
    context.force = force;
    return cluster.registry->patch(context, Cluster::kind(kind), Cluster::key(kind, name), subresource,
                                   api::PatchType::Apply, configuration);
}

/// One line a manager: `kubectl Apply at 00:00:05: {"f:data":{"f:a":{}}}`.
std::string managersOf(const Value& object)
{
    const auto* const list = api::find(object, {"metadata", "managedFields"});
    if (!list)
        return {};
    std::string text;
    for (const auto& entry : list->get_array()) {
        const auto subresource = at(entry, {"subresource"});
        const auto time = at(entry, {"time"});
        constexpr std::size_t clockTime = 11; // behind the date
        text += fmt::format("{} {}{}{}{} at {}: {}\n", at(entry, {"manager"}), at(entry, {"operation"}),
                            subresource.empty() ? "" : " ", subresource,
                            at(entry, {"apiVersion"}) == at(object, {"apiVersion"}) ? "" : " of another version",
                            time.empty() ? "no time" : time.substr(clockTime, 8), at(entry, {"fieldsV1"}));
    }
    return text;
}

/// A file of tests/golden/apply: who writes what, one after the other, and what comes of it.
class Story {
public:
    explicit Story(std::string text) : m_text(std::move(text)), m_document(Cluster::document(m_text)) {}

    std::string play()
    {
        std::string refusals;
        for (const auto& step : m_document.at("steps").as_array()) {
            m_cluster.clock.advance(std::chrono::seconds{1});
            const auto result = write(step);
            if (!result)
                refusals += indented(outcome(result), 2);
        }
        auto object = m_cluster.get(kind(), name());
        const auto managers = managersOf(object);
        for (const auto* const served : {"uid", "resourceVersion", "creationTimestamp", "managedFields"})
            api::objectAt(object, {"metadata"}).stable_erase(served);
        std::string text = "refused: |\n" + refusals + "managers: |\n" + indented(managers, 2) + "after:\n" +
                           indented(api::writeYaml(object), 2);
        return text;
    }

    /// The file's part that people write, and the part that comes of it.
    std::string given() const { return m_text.substr(0, m_text.find("refused: |\n")); }
    std::string expected() const
    {
        const auto begin = m_text.find("refused: |\n");
        return begin == m_text.npos ? "" : m_text.substr(begin);
    }

private:
    static std::string indented(const std::string& text, std::size_t by)
    {
        std::string out;
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);)
            out += std::string(by, ' ') + line + "\n";
        return out;
    }

    std::string kind() const { return at(m_document, {"kind"}); }
    std::string name() const { return at(m_document, {"name"}); }

    Result<StoredObjectPtr> write(const Value& step)
    {
        m_cluster.context.fieldManager = at(step, {"by"});
        m_cluster.context.force = api::boolAt(step, {"force"});
        const auto subresource = at(step, {"subresource"});
        const auto key = Cluster::key(kind(), name());
        auto& registry = *m_cluster.registry;
        const std::pair<const char*, api::PatchType> types[] = {{"apply", api::PatchType::Apply},
                                                                {"merge", api::PatchType::Merge},
                                                                {"strategic", api::PatchType::Strategic},
                                                                {"json", api::PatchType::Json}};
        for (const auto& [verb, type] : types) {
            const auto* const patch = api::find(step, {verb});
            if (!patch)
                continue;
            if (subresource != "scale")
                return registry.patch(m_cluster.context, Cluster::kind(kind()), key, subresource, type, *patch);
            TRY_OK(registry.patchScale(m_cluster.context, Cluster::kind(kind()), key, type, *patch));
            return registry.get(Cluster::kind(kind()), key);
        }
        if (const auto* const object = api::find(step, {"create"}))
            return registry.create(m_cluster.context, Cluster::kind(kind()), key.nameSpace, *object);
        return registry.update(m_cluster.context, Cluster::kind(kind()), key, subresource, step.at("update"));
    }

    Cluster m_cluster;
    std::string m_text;
    Value m_document;
};

TEST(Apply, tellsTheGoldenStories)
{
    int stories = 0;
    for (const auto& entry : std::filesystem::directory_iterator(support::sourceFolder() + "/tests/golden/apply")) {
        std::ifstream file(entry.path());
        std::ostringstream text;
        text << file.rdbuf();
        Story story(text.str());
        const auto played = story.play();
        if (std::getenv("KEELSON_REWRITE_GOLDENS"))
            std::ofstream(entry.path()) << story.given() << played;
        else
            EXPECT_EQ(played, story.expected()) << entry.path();
        ++stories;
    }
    EXPECT_GE(stories, 13);
}

TEST(Apply, twiceChangesNothing)
{
    Cluster cluster;
    const auto configuration = Cluster::document(R"(
apiVersion: v1
kind: Pod
metadata: {name: web, creationTimestamp: null, labels: {}, annotations: {a: b}}
spec:
  containers: [{name: main, image: nginx, resources: {requests: {cpu: "0.5"}}, ports: [{containerPort: 80}]}]
status: {}
)");
    ASSERT_EQ(outcome(apply(cluster, "a", "Pod", "web", configuration)), "ok");
    const auto before = cluster.get("Pod", "web");
    cluster.clock.advance(std::chrono::seconds{10});
    ASSERT_EQ(outcome(apply(cluster, "a", "Pod", "web", configuration)), "ok");
    EXPECT_EQ(cluster.get("Pod", "web"), before);
    ASSERT_EQ(outcome(apply(cluster, "b", "Pod", "web", configuration)), "ok"); // no conflict: the same values
    const auto shared = cluster.get("Pod", "web");
    EXPECT_NE(shared, before);
    cluster.clock.advance(std::chrono::seconds{10});
    for (const auto* const manager : {"a", "b"})
        ASSERT_EQ(outcome(apply(cluster, manager, "Pod", "web", configuration)), "ok");
    EXPECT_EQ(cluster.get("Pod", "web"), shared);
}

TEST(Apply, ownsNothingThatTheServerAdds)
{
    Cluster cluster;
    cluster.context.fieldManager = "kubectl-client-side-apply";
    ASSERT_EQ(outcome(cluster.create("Job", "{metadata: {name: a}, spec: {template: {spec: {restartPolicy: Never, "
                                            "containers: [{name: c, image: i}]}}}}")),
              "ok");
    const auto job = cluster.get("Job", "a");
    EXPECT_THAT(at(job, {"spec", "selector", "matchLabels"}), HasSubstr("batch.kubernetes.io/controller-uid"));
    EXPECT_THAT(managersOf(job), testing::AllOf(HasSubstr("f:template"), testing::Not(HasSubstr("f:selector")),
                                                testing::Not(HasSubstr("controller-uid"))));
    ASSERT_EQ(outcome(cluster.create("Namespace", "{metadata: {name: b, labels: {x: z}}}")), "ok");
    const auto space = cluster.get("Namespace", "b");
    EXPECT_EQ(at(space, {"spec", "finalizers"}), R"(["kubernetes"])");
    EXPECT_THAT(managersOf(space), testing::Not(HasSubstr("f:finalizers")));
}

TEST(Apply, triesWithoutWriting)
{
    Cluster cluster;
    cluster.context.dryRun = true;
    const auto configuration =
        Cluster::document("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: '1'}}");
    const auto tried = apply(cluster, "a", "ConfigMap", "a", configuration);
    ASSERT_EQ(outcome(tried), "ok");
    EXPECT_THAT(managersOf(api::parseJson((*tried)->json).value()), HasSubstr(R"(a Apply at)"));
    EXPECT_TRUE(cluster.get("ConfigMap", "a").is_null());
}

TEST(Apply, refusesInKubernetesWords)
{
    struct Row {
        const char* configuration;
        const char* refusal;
    };
    Cluster cluster;
    ASSERT_EQ(outcome(cluster.create("ConfigMap", "{metadata: {name: a}, data: {x: '1'}}")), "ok");
    for (
        const auto& [configuration, refusal] : {
            Row{"[]", "BadRequest: "},
            Row{"{kind: ConfigMap}", "BadRequest: Incorrect version specified in apply patch. Specified patch version: "
                                     ", expected: v1"},
            Row{"{apiVersion: v2, kind: ConfigMap}",
                "BadRequest: Incorrect version specified in apply patch. Specified patch version: v2, expected: v1"},
            Row{"{apiVersion: v1, kind: Secret}",
                "BadRequest: the object provided is a Secret of v1, but a ConfigMap of v1 is wanted here"},
            Row{"{apiVersion: v1, kind: ConfigMap, metadata: {managedFields: [{}]}}",
                "BadRequest: metadata.managedFields must be nil"},
            Row{"{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}",
                "BadRequest: the name of the object (b) does not match the name on the URL (a)"},
            Row{"{apiVersion: v1, kind: ConfigMap, dat: {}}",
                ": failed to create typed patch object (default/a; /v1, Kind=ConfigMap): .dat: field not "
                "declared in schema"},
            Row{"{apiVersion: v1, kind: ConfigMap, dat: {}, metadata: {x: 1}}",
                ": failed to create typed patch object (default/a; /v1, Kind=ConfigMap): errors:\n  .dat: "
                "field not declared in schema\n  .metadata.x: field not declared in schema"},
            Row{"{apiVersion: v1, kind: ConfigMap, data: {x: 1}}",
                "BadRequest: ConfigMap in version \"v1\" cannot be handled as a ConfigMap: data.x: a string is wanted, "
                "not a number"},
            Row{"{apiVersion: v1, kind: ConfigMap, metadata: {resourceVersion: '1'}}",
                "Conflict: Operation cannot be fulfilled on configmaps \"a\": the object has been modified"},
            Row{"{apiVersion: v1, kind: ConfigMap, metadata: {uid: x}}",
                "Conflict: Operation cannot be fulfilled on configmaps \"a\": Precondition failed: UID"},
            Row{"{apiVersion: v1, kind: ConfigMap, data: {x: '2'}}",
                "Conflict: Apply failed with 1 conflict: conflict with \"test\" using v1: .data.x"},
        })
        EXPECT_THAT(outcome(apply(cluster, "m", "ConfigMap", "a", Cluster::document(configuration))),
                    testing::StartsWith(refusal));
    const auto missing = Cluster::document("{apiVersion: v1, kind: ConfigMap, metadata: {uid: x}}");
    EXPECT_THAT(outcome(apply(cluster, "m", "ConfigMap", "b", missing)),
                HasSubstr("uid mismatch: the provided object specified uid x, and no existing object was found"));
    EXPECT_THAT(
        outcome(apply(cluster, "m", "Pod", "b", Cluster::document("{apiVersion: v1, kind: Pod}"), false, "status")),
        HasSubstr("NotFound: pods \"b\" not found"));
}

TEST(Apply, namesEachConflictAsACause)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("ConfigMap", "{metadata: {name: a}, data: {x: '1', z: '1'}}"));
    const auto refused = apply(cluster, "m", "ConfigMap", "a",
                               Cluster::document("{apiVersion: v1, kind: ConfigMap, data: {x: '2', z: '2'}}"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message,
              "Apply failed with 2 conflicts: conflicts with \"test\" using v1:\n- .data.x\n- .data.z");
    const std::vector<Cause> causes{{"FieldManagerConflict", "conflict with \"test\" using v1", ".data.x"},
                                    {"FieldManagerConflict", "conflict with \"test\" using v1", ".data.z"}};
    EXPECT_EQ(refused.error().causes, causes);
}

TEST(Apply, asksForApprovalOfWhatWouldBeStored)
{
    Cluster cluster;
    std::string asked;
    cluster.context.approve = [&](const Value& object, const Value* before) -> Result<Done> {
        asked += fmt::format("{}{} ", before ? "~" : "+", at(object, {"data", "x"}));
        return at(object, {"data", "x"}) == "3" ? Result<Done>(fail(Reason::Forbidden, "not 3")) : Done{};
    };
    for (const auto* const value : {"1", "2", "3"})
        (void)apply(cluster, "m", "ConfigMap", "a",
                    Value{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"data", {{"x", value}}}});
    EXPECT_EQ(asked, "+1 ~2 ~3 ");
    EXPECT_EQ(at(cluster.get("ConfigMap", "a"), {"data", "x"}), "2");
}

TEST(ManagedFields, changeTheirTimeOnlyWithTheFields)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("Pod", podYaml));
    const auto status = [&](const char* phase) {
        cluster.clock.advance(std::chrono::seconds{1});
        return outcome(cluster.merge("Pod", "web", fmt::format("{{status: {{phase: {}}}}}", phase), "status"));
    };
    ASSERT_EQ(status("Running"), "ok");
    const auto before = managersOf(cluster.get("Pod", "web"));
    ASSERT_EQ(status("Running"), "ok");
    EXPECT_EQ(managersOf(cluster.get("Pod", "web")), before);
    ASSERT_EQ(status("Failed"), "ok");
    EXPECT_NE(managersOf(cluster.get("Pod", "web")), before);
}

TEST(ManagedFields, outliveARestartAndADeletion)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("ConfigMap", "{metadata: {name: a, finalizers: [x.io/a]}, data: {x: '1'}}"));
    ASSERT_TRUE(cluster.merge("ConfigMap", "a", "{metadata: {labels: {new: x}}}"));
    const auto managers = managersOf(cluster.get("ConfigMap", "a"));
    EXPECT_THAT(managers, HasSubstr("f:new"));
    cluster.restart();
    EXPECT_EQ(managersOf(cluster.get("ConfigMap", "a")), managers);
    ASSERT_EQ(outcome(cluster.remove("ConfigMap", "a")), "ok"); // It waits for its finalizer.
    EXPECT_EQ(managersOf(cluster.get("ConfigMap", "a")), managers);
}

TEST(ManagedFields, areTheServersToWrite)
{
    struct Row {
        const char* sent;
        const char* kept; ///< Of the managers by name.
    };
    const auto names = [](const Value& object) {
        std::string text;
        if (const auto* const list = api::find(object, {"metadata", "managedFields"})) {
            for (const auto& entry : list->get_array())
                text += at(entry, {"manager"}) + " ";
        }
        return text;
    };
    for (const auto& [sent, kept] : {
             Row{"null", "test "},
             Row{"[]", "test "}, // of a client that knows nothing of them
             Row{"[{}]", ""},
             Row{"[{manager: x}]", "test "}, // cannot be used: what is there stays
             Row{"[{manager: x, operation: Update, apiVersion: v1, fieldsType: FieldsV2}]", "test "},
             Row{"[{manager: x, operation: Update, apiVersion: v1, fieldsType: FieldsV1, fieldsV1: {x: {}}}]", "test "},
             Row{"[{manager: x, operation: Update, apiVersion: v1, fieldsType: FieldsV1, fieldsV1: {'f:data': {}}}]",
                 "x "},
         }) {
        Cluster cluster;
        ASSERT_TRUE(cluster.create("ConfigMap", "{metadata: {name: a}, data: {x: '1'}}"));
        auto object = cluster.get("ConfigMap", "a");
        api::objectAt(object, {"metadata"})["managedFields"] = Cluster::document(sent);
        ASSERT_EQ(outcome(cluster.update("ConfigMap", "a", object)), "ok") << sent;
        EXPECT_EQ(names(cluster.get("ConfigMap", "a")), kept) << sent;
    }
}

} // namespace
} // namespace keelson::registry
