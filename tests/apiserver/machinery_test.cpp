// SPDX-License-Identifier: Apache-2.0
#include "api/protobuf.h"
#include "apiserver/reply_encoding.h"
#include "apiserver/served_cluster.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace keelson::apiserver {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view maps = "/api/v1/namespaces/default/configmaps";

std::string configMap(std::string_view name)
{
    return fmt::format(R"({{"metadata":{{"name":"{}"}},"data":{{"a":"1"}}}})", name);
}

/// "200", or "422 Invalid: the message".
std::string outcome(const HttpsClient::Reply& reply)
{
    const auto document = api::parseJson(reply.body);
    if (reply.status < 400 || !document)
        return std::to_string(reply.status);
    return fmt::format("{} {}: {}", reply.status, std::string_view(api::stringAt(*document, {"reason"})),
                       std::string_view(api::stringAt(*document, {"message"})));
}

struct Row {
    const char* method;
    std::string target;
    std::string body;
    const char* expected;
    std::string header;
};

class Machinery : public ServedCluster {
protected:
    void expect(const std::vector<Row>& rows)
    {
        for (const auto& [method, target, body, expected, header] : rows) {
            const auto headers = header.empty() ? std::vector<std::string>() : std::vector<std::string>{header};
            EXPECT_THAT(outcome(admin().ask(method, std::string(maps) + target, body, headers)), StartsWith(expected))
                << method << " " << target << " " << body;
        }
    }
    std::string names(const std::string& query = {})
    {
        const auto list = json(admin().ask("GET", std::string(maps) + query).body);
        std::string text;
        for (const auto& item : list.at("items").as_array())
            text += (text.empty() ? "" : " ") + std::string(api::stringAt(item, {"metadata", "name"}));
        return text;
    }
};

TEST_F(Machinery, refusesOptionsInKubernetesWords)
{
    admin().ask("POST", std::string(maps), configMap("one"));
    expect({
        {"GET", "?resourceVersionMatch=Exact", "",
         R"(422 Invalid: ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: )"
         R"(resourceVersionMatch is forbidden unless resourceVersion is provided)"},
        {"GET", "?sendInitialEvents=true", "",
         R"(422 Invalid: ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: )"
         R"(sendInitialEvents is forbidden for list)"},
        {"GET", "?resourceVersion=99999", "", "504 Timeout: Timeout: Too large resource version: 99999, current: "},
        {"GET", "/one?resourceVersion=99999", "", "504 Timeout: Timeout: Too large resource version: 99999, current: "},
        {"GET", "/one?resourceVersion=0", "", "200"},
        {"GET", "/one?resourceVersion=x", "", "400 BadRequest: "},
        {"GET", "?continue=x", "", "400 BadRequest: continue key is not valid"},
        {"GET", "?watch=1&sendInitialEvents=true", "",
         R"(422 Invalid: ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents )"
         R"(requires setting resourceVersionMatch to NotOlderThan)"},
        {"GET", "?watch=1&resourceVersionMatch=NotOlderThan", "",
         R"(422 Invalid: ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch )"
         R"(is forbidden for watch unless sendInitialEvents is provided)"},
        {"GET", "?watch=1&sendInitialEvents=1&resourceVersionMatch=Exact", "",
         R"(422 Invalid: ListOptions.meta.k8s.io "" is invalid: [resourceVersionMatch: Forbidden: )"},
        {"GET", "?watch=1&timeoutSeconds=x", "", "400 BadRequest: "},
        {"GET", "?watch=1&fieldSelector=spec.x%3Dy", "", "400 BadRequest: field label not supported: spec.x"},
        {"GET", "?watch=1", "",
         "406 NotAcceptable: only the following media types are accepted: "
         "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch",
         "Accept: application/yaml"},
        {"POST", "?dryRun=Some", configMap("x"),
         R"(422 Invalid: CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"Some"}: )"
         R"(supported values: "All")"},
        {"POST", "?fieldValidation=No", configMap("x"),
         R"(422 Invalid: CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "No": )"
         R"(supported values: "", "Ignore", "Strict", "Warn")"},
        {"PUT", "/one?fieldManager=" + std::string(129, 'x'), configMap("one"),
         R"(422 Invalid: UpdateOptions.meta.k8s.io "" is invalid: fieldManager: Too long: )"},
        {"PUT", "/one?fieldManager=a%07b", configMap("one"),
         R"(422 Invalid: UpdateOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value: )"},
        {"PATCH", "/one?force=true", "{}",
         R"(422 Invalid: PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply )"
         R"(patch)",
         "Content-Type: application/merge-patch+json"},
        {"PATCH", "/one", "{}",
         R"(422 Invalid: PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply )"
         R"(patch)",
         "Content-Type: application/apply-patch+yaml"},
        {"PATCH", "/one", "{}",
         "415 UnsupportedMediaType: the body of the request was in an unknown format - accepted media types include: "
         "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, "
         "application/apply-patch+yaml",
         "Content-Type: application/json"},
        {"POST", "", configMap("x"),
         "406 NotAcceptable: only the following media types are accepted: ", "Accept: text/html"},
        {"GET", "/x", "", R"(404 NotFound: configmaps "x" not found)"},
        {"DELETE", "/one?dryRun=None", "",
         R"(422 Invalid: DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"None"})"},
        {"DELETE", "/one", R"({"dryRun":["None"]})",
         R"(422 Invalid: DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"None"})"},
        {"DELETE", "/one?propagationPolicy=Up", "",
         R"(422 Invalid: DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Up": )"},
        {"DELETE", "/one", R"({"propagationPolicy":"Orphan","orphanDependents":true})",
         R"(422 Invalid: DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": )"
         R"(orphanDependents and deletionPropagation cannot be both set)"},
        {"DELETE", "/one", R"({"kind":"Pod"})", "400 BadRequest: the body of a DELETE is a DeleteOptions object"},
        {"DELETE", "/one", R"({"preconditions":{"uid":"other"}})",
         R"(409 Conflict: Operation cannot be fulfilled on ConfigMap "one": the UID in the precondition (other) does not)"},
        {"DELETE", "?resourceVersionMatch=Exact", "",
         R"(422 Invalid: ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: )"},
        {"GET", "/one", "", "200"},
    });
}

/// As Kubernetes tells it: the object in most refusals, its uid once it is gone, its kind where a precondition fails.
TEST_F(Machinery, saysWhatAnAnswerIsAboutInItsDetails)
{
    const std::string leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
    const auto made = json(admin().ask("POST", leases, R"({"metadata":{"name":"one"}})").body);
    const std::string uid(api::stringAt(made, {"metadata", "uid"}));
    struct Row {
        const char* method;
        std::string path;
        std::string body;
        std::string details; ///< Empty: there are none.
    };
    const std::string about = R"({"name":"one","group":"coordination.k8s.io","kind":"leases"})";
    for (
        const auto& [method, path, body, details] : {
            Row{"POST", leases, R"({"metadata":{"name":"one"}})", about},
            Row{"POST", leases, R"({"metadata":[]})", ""},
            Row{"PUT", leases + "/one", R"({"metadata":{"name":"one","resourceVersion":"1"}})", about},
            Row{"PUT", leases + "/one", R"({"metadata":{"name":"one"},"spec":{"leaseDurationSeconds":-1}})",
                R"({"name":"one","group":"coordination.k8s.io","kind":"Lease","causes":[{"reason":"FieldValueInvalid","message":)"
                R"("Invalid value: -1: must be greater than 0","field":"spec.leaseDurationSeconds"}]})"},
            Row{"DELETE", leases + "/one", R"({"preconditions":{"uid":"x"}})",
                R"({"name":"one","group":"coordination.k8s.io","kind":"Lease"})"},
            Row{"DELETE", leases + "/one", R"({"preconditions":{"resourceVersion":"1"}})",
                R"({"name":"one","group":"coordination.k8s.io","kind":"Lease"})"},
            Row{"DELETE", leases + "/one", R"({"preconditions":1})", ""},
            Row{"DELETE", leases + "/one", "", about.substr(0, about.size() - 1) + R"(,"uid":")" + uid + "\"}"},
            Row{"DELETE", leases + "/one", "", about},
        }) {
        const auto reply = json(admin().ask(method, path, body).body);
        const auto* const said = api::find(reply, {"details"});
        EXPECT_EQ(said ? api::writeJson(*said) : "", details)
            << method << " " << path << " " << body << api::writeJson(reply);
    }
}

TEST_F(Machinery, answersADeletionWithAStatusOrTheObject)
{
    struct Row {
        std::string path;
        const char* body;
        const char* kind;
    };
    for (const auto& [path, body, kind] : {
             Row{"/api/v1/namespaces/default/services/x", R"({"spec":{"ports":[{"port":80}]}})", "Service"},
             Row{"/api/v1/namespaces/default/serviceaccounts/x", "{}", "ServiceAccount"},
             Row{"/apis/storage.k8s.io/v1/storageclasses/x", R"({"provisioner":"example.org/x"})", "StorageClass"},
             Row{"/api/v1/namespaces/default/secrets/x", "{}", "Status"},
             Row{"/apis/storage.k8s.io/v1/namespaces/default/csistoragecapacities/x", R"({"storageClassName":"x"})",
                 "Status"},
         }) {
        auto object = json(body);
        api::objectAt(object, {"metadata"})["name"] = "x";
        const auto made = admin().ask("POST", path.substr(0, path.rfind('/')), api::writeJson(object));
        ASSERT_EQ(made.status, 201) << made.body;
        const auto answer = json(admin().ask("DELETE", path).body);
        EXPECT_EQ(api::stringAt(answer, {"kind"}), kind) << path;
        const auto* const of = std::string_view(kind) == "Status" ? "details" : "metadata";
        EXPECT_EQ(api::stringAt(answer, {of, "uid"}), api::stringAt(json(made.body), {"metadata", "uid"})) << path;
    }
}

TEST_F(Machinery, storesNothingInADryRunOfAnyVerb)
{
    admin().ask("POST", std::string(maps), configMap("one"));
    const auto revision = m_store.revision();
    const std::string merge = "Content-Type: application/merge-patch+json";
    expect({
        {"POST", "?dryRun=All", configMap("two"), "201"},
        {"POST", "?dryRun=All", configMap("one"), R"(409 AlreadyExists: configmaps "one" already exists)"},
        {"PUT", "/one?dryRun=All", R"({"metadata":{"name":"one"},"data":{"a":"2"}})", "200"},
        {"PATCH", "/one?dryRun=All", R"({"data":{"a":"2"}})", "200", merge},
        {"DELETE", "/one?dryRun=All", "", "200"},
        {"DELETE", "/one", R"({"dryRun":["All"]})", "200"},
        {"DELETE", "?dryRun=All", "", "200"},
        {"DELETE", "", R"({"dryRun":["All"]})", "200"},
    });
    EXPECT_EQ(m_store.revision(), revision);
    EXPECT_EQ(names(), "one");
}

TEST_F(Machinery, indentsWhatPeopleRead)
{
    ASSERT_EQ(admin().ask("POST", std::string(maps), configMap("a")).status, 201);
    const auto plain = admin().ask("GET", std::string(maps) + "/a").body;
    const auto indented = admin().ask("GET", std::string(maps) + "/a?pretty=true").body;
    EXPECT_THAT(indented,
                HasSubstr("{\n  \"kind\": \"ConfigMap\",\n  \"apiVersion\": \"v1\",\n  \"metadata\": {\n    \""));
    EXPECT_THAT(indented, HasSubstr("\n  \"data\": {\n    \"a\": \"1\"\n  }\n}\n"));
    EXPECT_EQ(json(indented), json(plain));
    EXPECT_THAT(admin().ask("GET", std::string(maps) + "/b?pretty=1").body, HasSubstr("\n  \"metadata\": {},\n"));
    EXPECT_EQ(admin().ask("GET", std::string(maps) + "/a?pretty=false").body, plain);
}

TEST_F(Machinery, makesObjectsOfSomeKindsByAPut)
{
    struct Case {
        const char* collection;
        const char* body;
        int status;
    };
    for (const auto& [collection, body, status] : {
             Case{"/api/v1/namespaces/default/endpoints",
                  R"({"metadata":{"name":"x","resourceVersion":"9","uid":"gone"}})", 201},
             Case{"/apis/coordination.k8s.io/v1/namespaces/default/leases", "{}", 201},
             Case{"/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles", "{}", 201},
             Case{"/api/v1/namespaces/default/configmaps", "{}", 404},
             Case{"/api/v1/namespaces/default/serviceaccounts", "{}", 404},
         }) {
        const auto path = std::string(collection) + "/x";
        EXPECT_EQ(admin().ask("PUT", path, body).status, status) << collection;
        EXPECT_EQ(admin().ask("GET", path).status, status == 201 ? 200 : 404) << collection;
        if (status == 201)
            EXPECT_EQ(admin().ask("PUT", path, "{}").status, 200) << collection;
    }
}

TEST_F(Machinery, makesObjectsByAPutForThoseAloneWhoMayCreateThem)
{
    m_authorizer.apply(json(R"({"kind":"ClusterRole","metadata":{"name":"one"},"rules":[
        {"verbs":["update"],"apiGroups":["coordination.k8s.io"],"resources":["leases"]}]})"));
    m_authorizer.apply(json(R"({"kind":"ClusterRoleBinding","metadata":{"name":"jane"},
        "roleRef":{"kind":"ClusterRole","name":"one"},"subjects":[{"kind":"User","name":"jane"}]})"));
    const std::string lease = "/apis/coordination.k8s.io/v1/namespaces/default/leases/x";
    const auto refused = jane().ask("PUT", lease, "{}");
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(message(refused), HasSubstr("User \"jane\" cannot create resource \"leases\""));
    EXPECT_EQ(admin().ask("PUT", lease, "{}").status, 201);
    EXPECT_EQ(jane().ask("PUT", lease, "{}").status, 200) << "what is there needs the right to change alone";
}

TEST_F(Machinery, pagesThroughACollectionAndDeletesItBySelector)
{
    for (const auto* name : {"a", "b", "c", "d"})
        admin().ask("POST", std::string(maps), configMap(name));
    const auto first = json(admin().ask("GET", std::string(maps) + "?limit=3").body);
    EXPECT_EQ(first.at("metadata").at("remainingItemCount"), 1);
    const auto token = std::string(api::stringAt(first, {"metadata", "continue"}));
    EXPECT_EQ(names("?limit=3&continue=" + token), "d");
    const auto left = json(admin().ask("GET", std::string(maps) + "?limit=1&labelSelector=!none").body);
    EXPECT_EQ(api::find(left, {"metadata", "remainingItemCount"}), nullptr) << "not known with a selector";

    const auto removed = json(admin().ask("DELETE", std::string(maps) + "?fieldSelector=metadata.name!%3Db").body);
    EXPECT_EQ(removed.at("kind"), "ConfigMapList");
    EXPECT_EQ(removed.at("items").as_array().size(), 3U);
    EXPECT_EQ(names(), "b");
    admin().ask("POST", std::string(maps), R"({"metadata":{"name":"c","labels":{"tier":"front"}}})");
    EXPECT_EQ(admin().ask("DELETE", std::string(maps) + "?labelSelector=tier").status, 200);
    EXPECT_EQ(names(), "b");
}

TEST_F(Machinery, givesATokenToGoOnWithWhenTheOldOneHasExpired)
{
    for (const auto* name : {"a", "b", "c"})
        admin().ask("POST", std::string(maps), configMap(name));
    const auto first = json(admin().ask("GET", std::string(maps) + "?limit=1").body);
    const auto token = std::string(api::stringAt(first, {"metadata", "continue"}));
    admin().ask("DELETE", std::string(maps) + "/b");
    ASSERT_TRUE(m_store.compact(m_store.revision()));
    for (int i = 0; i < 20; ++i) { // more states than are remembered besides
        admin().ask("POST", std::string(maps), configMap("x" + std::to_string(i)));
        admin().ask("GET", std::string(maps) + "?limit=1");
    }
    ASSERT_TRUE(m_store.compact(m_store.revision()));
    const auto reply = admin().ask("GET", std::string(maps) + "?limit=1&continue=" + token);
    EXPECT_THAT(outcome(reply), StartsWith("410 Expired: The provided continue parameter is too old"));
    const auto next = std::string(api::stringAt(json(reply.body), {"metadata", "continue"}));
    EXPECT_EQ(names("?limit=1&continue=" + next), "c");
}

TEST_F(Machinery, watchesByThePathsOfOldClients)
{
    admin().ask("POST", std::string(maps), configMap("one"));
    admin().ask("POST", std::string(maps), configMap("two"));
    const auto status = [&](const std::string& path) {
        return outcome(admin().ask("GET", path + "?timeoutSeconds=x"));
    };
    for (const auto* const path : {"/api/v1/watch/configmaps", "/api/v1/watch/namespaces/default/configmaps",
                                   "/api/v1/watch/namespaces", "/apis/apps/v1/watch/deployments"})
        EXPECT_THAT(status(path), StartsWith("400 BadRequest: ")) << path;
    EXPECT_THAT(status("/api/v1/watch"), StartsWith("404 NotFound: "));
    EXPECT_THAT(status("/api/v1/watch/nothing"), StartsWith("404 NotFound: "));
    auto client = connect(&m_admin);
    client->send(
        HttpsClient::requestText("GET", "/api/v1/watch/namespaces/default/configmaps/two?timeoutSeconds=1", "", {}));
    EXPECT_EQ(client->readHead().status, 200);
    std::string lines;
    for (auto chunk = client->readChunk(); !chunk.empty(); chunk = client->readChunk())
        lines += chunk;
    EXPECT_THAT(lines, StartsWith(R"({"type":"ADDED")"));
    EXPECT_THAT(lines, HasSubstr(R"("name":"two")"));
    EXPECT_THAT(lines, Not(HasSubstr(R"("name":"one")")));
}

TEST_F(Machinery, watchesFromEveryStart)
{
    admin().ask("POST", std::string(maps), configMap("one"));
    const auto version = m_store.revision();
    const auto begin = [&](const std::string& query) {
        auto client = connect(&m_admin);
        client->send(HttpsClient::requestText("GET", std::string(maps) + "?watch=1&timeoutSeconds=1" + query, "", {}));
        return client;
    };
    const auto heard = [&](HttpsClient& client) {
        EXPECT_EQ(client.readHead().status, 200);
        std::string lines;
        for (auto chunk = client.readChunk(); !chunk.empty(); chunk = client.readChunk())
            lines += chunk;
        std::string text;
        for (std::size_t at = 0; at < lines.size(); at = lines.find('\n', at) + 1) {
            const auto event = json(lines.substr(at, lines.find('\n', at) - at));
            const auto initial =
                api::stringAt(event, {"object", "metadata", "annotations", "k8s.io/initial-events-end"});
            text += fmt::format("{}{}{} ", std::string_view(api::stringAt(event, {"type"})),
                                std::string_view(api::stringAt(event, {"object", "reason"})),
                                initial.empty() ? "" : "(initial)");
        }
        return text;
    };
    const std::string streaming = "&resourceVersionMatch=NotOlderThan&sendInitialEvents=";
    std::vector<std::pair<std::unique_ptr<HttpsClient>, const char*>> watches;
    for (const auto& [query, expected] : {
             std::pair{std::string(), "ADDED "},
             std::pair{std::string("&resourceVersion=0"), "ADDED "},
             std::pair{fmt::format("&resourceVersion={}", version), ""},
             std::pair{streaming + "true&allowWatchBookmarks=true", "ADDED BOOKMARK(initial) "},
             std::pair{streaming + "true", "ADDED "},
             std::pair{streaming + "false", ""},
         })
        watches.emplace_back(begin(query), expected);
    for (const auto& [client, expected] : watches)
        EXPECT_EQ(heard(*client), expected);
    watches.clear();
    m_server->stop(); // A registry that begins anew remembers no past.
    m_registry = *registry::makeRegistry(m_store, api::Catalog::builtIn(), m_clock, m_random);
    m_server = *ApiServer::create(options());
    EXPECT_EQ(heard(*begin("&resourceVersion=1")), "ERRORExpired ") << "the end is told as an event";
}

TEST_F(Machinery, reportsUnknownAndRepeatedFieldsAsAsked)
{
    const std::string json = R"({"metadata":{"name":"NAME"},"data":{"a":"1"},"data":{"a":"2"},"dta":{}})";
    const std::string yaml = "metadata: {name: NAME}\ndata: {a: '1'}\ndata: {a: '2'}\ndta: {}\n";
    const auto post = [&](std::string body, const std::string& name, const std::string& query, const char* type) {
        body.replace(body.find("NAME"), 4, name);
        return admin().ask("POST", std::string(maps) + query, body, {std::string("Content-Type: ") + type});
    };
    int count = 0;
    for (const auto& [body, type] : {std::pair{json, "application/json"}, std::pair{yaml, "application/yaml"}}) {
        const auto name = "n" + std::to_string(++count);
        EXPECT_THAT(outcome(post(body, name, "?fieldValidation=Strict", type)),
                    StartsWith("400 BadRequest: ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict "
                               "decoding error: duplicate field \"data\", unknown field \"dta\""));
        const auto ignored = post(body, name + "i", "?fieldValidation=Ignore", type);
        EXPECT_EQ(ignored.status, 201);
        EXPECT_FALSE(ignored.headers.has("Warning"));
        for (const auto* query : {"", "?fieldValidation=Warn"}) {
            const auto warned = post(body, name + (*query ? "w" : "d"), query, type);
            EXPECT_EQ(warned.status, 201);
            EXPECT_THAT(warned.headers.all("Warning"), testing::ElementsAre(R"(299 - "duplicate field \"data\"")",
                                                                            R"(299 - "unknown field \"dta\"")"));
        }
    }
}

TEST_F(Machinery, speaksProtobufInListsPartsAndBodies)
{
    const auto& catalog = api::Catalog::builtIn();
    const std::string type = "application/vnd.kubernetes.protobuf";
    const auto body = api::encodeProtobuf(
        catalog,
        *api::parseJson(
            R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one","labels":{"l":"1"}},"data":{"a":"1"}})"));
    const auto created = admin().ask("POST", std::string(maps), *body, {"Content-Type: " + type, "Accept: " + type});
    ASSERT_EQ(created.status, 201);
    EXPECT_EQ(created.headers.get("Content-Type"), type);
    EXPECT_EQ(api::stringAt(*api::decodeProtobuf(catalog, created.body), {"data", "a"}), "1");

    const auto list = admin().ask("GET", std::string(maps), "", {"Accept: " + type + ",application/json"});
    EXPECT_EQ(list.headers.get("Content-Type"), type);
    EXPECT_THAT(list.body, StartsWith(std::string("k8s\0", 4)));
    EXPECT_THAT(list.body, HasSubstr("ConfigMapList"));
    EXPECT_THAT(list.body, HasSubstr(std::to_string(m_store.revision()))) << "the version of the list";

    const std::string partial = ";as=PartialObjectMetadata";
    const std::string meta = ";g=meta.k8s.io;v=v1";
    const auto part = admin().ask("GET", std::string(maps) + "/one", "", {"Accept: " + type + partial + meta});
    const auto document = api::decodeProtobuf(catalog, part.body);
    ASSERT_TRUE(document) << part.body;
    EXPECT_EQ(api::stringAt(*document, {"kind"}), "PartialObjectMetadata");
    EXPECT_EQ(api::stringAt(*document, {"metadata", "labels", "l"}), "1");
    const auto parts = admin().ask("GET", std::string(maps), "", {"Accept: " + type + partial + "List" + meta});
    EXPECT_EQ(parts.headers.get("Content-Type"), type);
    EXPECT_THAT(parts.body, HasSubstr("PartialObjectMetadataList"));
    const auto some =
        json(admin().ask("GET", std::string(maps), "", {"Accept: application/json" + partial + "List" + meta}).body);
    EXPECT_EQ(some.at("kind"), "PartialObjectMetadataList");
    EXPECT_EQ(some.at("apiVersion"), "meta.k8s.io/v1");
    EXPECT_EQ(api::find(some.at("items").at(0), {"data"}), nullptr);

    const auto missing = admin().ask("GET", std::string(maps) + "/two", "", {"Accept: " + type});
    EXPECT_EQ(missing.status, 404);
    const auto options =
        api::encodeProtobuf(catalog, *api::parseJson(R"({"apiVersion":"v1","kind":"DeleteOptions","dryRun":["All"]})"));
    EXPECT_EQ(admin().ask("DELETE", std::string(maps) + "/one", *options, {"Content-Type: " + type}).status, 200);
    EXPECT_EQ(names(), "one") << "it was a dry run";
}

TEST(ReplyEncoding, compressesLargeRepliesForClientsElsewhere)
{
    struct Row {
        const char* address;
        const char* accepts;
        std::size_t bytes;
        bool compressed;
    };
    for (const auto& [address, accepts, bytes, compressed] : {
             Row{"10.0.0.1:5", "gzip", 200'000, true},
             Row{"10.0.0.1:5", "deflate, gzip;q=1.0", 200'000, true},
             Row{"10.0.0.1:5", "gzip;q=0", 200'000, false},
             Row{"10.0.0.1:5", "identity", 200'000, false},
             Row{"10.0.0.1:5", "gzip", 100'000, false},
             Row{"127.0.0.1:5", "gzip", 200'000, false},
         }) {
        Request request;
        request.remoteAddress = address;
        request.headers.add("Accept-Encoding", accepts);
        auto response = Response::text(200, "application/json", std::string(bytes, 'x'));
        compressWhenWorthwhile(request, response);
        EXPECT_EQ(response.headers.get("Content-Encoding") == "gzip", compressed) << address << accepts << bytes;
        EXPECT_EQ(response.bodyBytes() < bytes, compressed);
    }
}

} // namespace
} // namespace keelson::apiserver
