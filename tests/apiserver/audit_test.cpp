// SPDX-License-Identifier: Apache-2.0
#include "api/utf8.h"
#include "apiserver/served_cluster.h"
#include "base/private_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace keelson::apiserver {
namespace {

using testing::HasSubstr;
using testing::Not;

class Audited : public ServedCluster {
protected:
    Audited()
    {
        const auto policy = audit::Policy::parse("{apiVersion: audit.k8s.io/v1, kind: Policy, omitStages: "
                                                 "[RequestReceived], rules: [{level: RequestResponse}]}");
        m_log =
            *audit::AuditLog::open({.policy = *policy, .file = {.path = m_folder / "audit.log", .clock = &m_clock}});
        auto audited = options();
        audited.audit = m_log.get();
        m_server->stop();
        m_server = *ApiServer::create(std::move(audited));
        admin().ask("GET", "/healthz"); // Its connection was to the other server; the next is to this one.
    }
    ~Audited() override { m_server->stop(); }

    /// The log as lines of "verb resource stage code", and its text.
    std::string text()
    {
        m_log->flush();
        return readFile(m_folder / "audit.log").value_or("");
    }
    std::string lines()
    {
        std::string out;
        auto rest = text();
        while (!rest.empty()) {
            const auto event = json(rest.substr(0, rest.find('\n')));
            rest.erase(0, rest.find('\n') + 1);
            out += fmt::format("{} {} {} {} {}\n", std::string_view(api::stringAt(event, {"user", "username"})),
                               std::string_view(api::stringAt(event, {"verb"})),
                               std::string_view(api::stringAt(event, {"objectRef", "resource"})),
                               std::string_view(api::stringAt(event, {"stage"})),
                               api::integerAt(event, {"responseStatus", "code"}));
        }
        return out;
    }

    std::unique_ptr<audit::AuditLog> m_log;
};

TEST_F(Audited, requestsStandInTheLogWithWhoAskedAndHowItEnded)
{
    const std::string maps = "/api/v1/namespaces/default/configmaps";
    const auto created = admin().ask("POST", maps, R"({"metadata":{"name":"one"},"data":{"a":"told"}})",
                                     {"Audit-ID: mine", "User-Agent: tester"});
    EXPECT_EQ(created.headers.get("Audit-Id"), "mine");
    jane().ask("GET", maps);
    jane().ask("POST", maps, R"({"metadata":{"name":"two"},"data":{"a":"not read"}})");
    nobody().ask("GET", maps, "", {"Authorization: Bearer sesame"});
    admin().ask("PATCH", maps + "/one", R"({"data":{"b":"patched"}})", {"Content-Type: application/merge-patch+json"});
    const auto watcher = connect(&m_admin);
    watcher->send(HttpsClient::requestText("GET", maps + "?watch=1&timeoutSeconds=1", "", {}));
    watcher->readHead();
    while (!watcher->readChunk().empty()) {
    }
    watcher->ask("GET", "/version"); // The end of the stream has been told before.
    EXPECT_EQ(lines(), "admin create configmaps ResponseComplete 201\n"
                       "jane list configmaps ResponseComplete 403\n"
                       "jane create configmaps ResponseComplete 403\n"
                       " list configmaps ResponseComplete 401\n"
                       "admin patch configmaps ResponseComplete 200\n"
                       "admin watch configmaps ResponseStarted 200\n"
                       "admin watch configmaps ResponseComplete 200\n"
                       "admin get  ResponseComplete 200\n");
    for (const auto* const part :
         {R"("auditID":"mine")", R"("userAgent":"tester")",
          R"("requestObject":{"metadata":{"name":"one"},"data":{"a":"told"}})",
          R"("responseObject":{"kind":"ConfigMap")", R"("requestObject":{"data":{"b":"patched"}})",
          R"("authorization.k8s.io/decision":"allow")", R"("authorization.k8s.io/decision":"forbid")",
          R"("sourceIPs":["127.0.0.1"])"})
        EXPECT_THAT(text(), HasSubstr(part));
    EXPECT_THAT(text(), Not(HasSubstr("sesame")));
    EXPECT_THAT(text(), Not(HasSubstr("not read")));
}

TEST_F(Audited, nothingOfASecretStandsInTheLog)
{
    const std::string secrets = "/api/v1/namespaces/default/secrets";
    const std::string merge = "Content-Type: application/merge-patch+json";
    admin().ask("POST", secrets, R"({"metadata":{"name":"s"},"stringData":{"a":"hunter2"}})");
    admin().ask("PUT", secrets + "/s", R"({"metadata":{"name":"s"},"data":{"a":"aHVudGVyMg=="}})");
    admin().ask("PATCH", secrets + "/s", R"({"data":{"a":"hunter2 is no base64"}})", {merge});
    admin().ask("GET", secrets + "/s");
    admin().ask("GET", secrets + "?token=hunter2");
    admin().ask("DELETE", secrets);
    EXPECT_EQ(std::ranges::count(text(), '\n'), 6);
    EXPECT_THAT(text(), Not(HasSubstr("hunter2")));
    EXPECT_THAT(text(), Not(HasSubstr("aHVudGVyMg")));
    EXPECT_THAT(text(), HasSubstr(R"("level":"Metadata")"));
}

TEST_F(Audited, namesWhatIsCreatedAndIsText)
{
    const std::string maps = "/api/v1/namespaces/default/configmaps";
    admin().ask("POST", maps, R"({"metadata":{"name":"one"}})", {"User-Agent: \xff"});
    admin().ask("POST", maps, R"({"metadata":{"name":"one"}})");
    admin().ask("GET", maps + "/%ff");
    admin().ask("POST", "/api/v1/namespaces/default/secrets", R"({"metadata":{"name":"sesame"}})");
    for (const auto* const part :
         {"\"userAgent\":\"\xef\xbf\xbd\"",
          R"("objectRef":{"resource":"configmaps","namespace":"default","name":"one","uid":)",
          R"("objectRef":{"resource":"configmaps","namespace":"default","name":"one","apiVersion":"v1"})",
          R"("objectRef":{"resource":"configmaps","namespace":"default","name":")"
          "\xef\xbf\xbd\"",
          R"("objectRef":{"resource":"secrets","namespace":"default","name":"sesame","uid":)"})
        EXPECT_THAT(text(), HasSubstr(part));
    EXPECT_EQ(api::utf8Prefix(text()), text().size());
}

TEST_F(Audited, admissionSaysWhatItSaw)
{
    admin().ask("PATCH", "/api/v1/namespaces/default",
                R"({"metadata":{"labels":{"pod-security.kubernetes.io/audit":"baseline",)"
                R"("pod-security.kubernetes.io/warn":"baseline"}}})",
                {"Content-Type: application/merge-patch+json"});
    const auto created = admin().ask("POST", "/api/v1/namespaces/default/podtemplates",
                                     R"({"metadata":{"name":"host"},"template":{"spec":{"hostNetwork":true,)"
                                     R"("containers":[{"name":"c","image":"i"}]}}})");
    EXPECT_EQ(created.status, 201);
    EXPECT_THAT(created.headers.get("Warning"), HasSubstr("would violate PodSecurity"));
    EXPECT_THAT(text(), HasSubstr(R"("pod-security.kubernetes.io/audit-violations":"would violate PodSecurity )"));
}

} // namespace
} // namespace keelson::apiserver
