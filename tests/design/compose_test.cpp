// SPDX-License-Identifier: Apache-2.0
#include "design/compose.h"
#include "design/compose_service.h"
#include "design/relations.h"
#include "design/set.h"
#include "design/templates.h"
#include "document/diagnostics.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::design {
namespace {

std::string service(const std::string& rest)
{
    return "services:\n  web:\n    image: web:1\n" + rest;
}

/// What the objects say at a path of the first Deployment (kind empty) or of the first object of that kind, as JSON.
std::string at(const std::string& text, std::string_view kind, std::initializer_list<std::string_view> path)
{
    const auto result = fromCompose(text);
    if (!result)
        return result.error().message;
    for (const auto& object : result->objects)
        if (api::stringAt(object, {"kind"}) == (kind.empty() ? "Deployment" : kind)) {
            const auto* value = api::find(object, path);
            return value ? api::writeJson(*value) : "-";
        }
    return "no such object";
}

std::string container(const std::string& rest)
{
    const auto result = fromCompose(service(rest));
    return result ? api::writeJson(api::find(result->objects.back(), {"spec", "template", "spec", "containers"})
                                       ? *api::find(result->objects.back(), {"spec", "template", "spec", "containers"})
                                       : api::Value())
                  : result.error().message;
}

std::string notes(const std::string& text)
{
    const auto result = fromCompose(text);
    if (!result)
        return result.error().message;
    std::string all;
    for (const auto& note : result->notes)
        all += note.place + "\n";
    return all;
}

TEST(Compose, eachPartHasItsCounterpart)
{
    struct Row {
        const char* part;
        const char* container;
    };
    const std::vector<Row> rows{
        {"    command: run 'two words' \"x y\"\n", R"("args":["run","two words","x y"])"},
        {"    command: [a, b]\n", R"("args":["a","b"])"},
        {"    entrypoint: /start\n", R"("command":["/start"])"},
        {"    environment: {A: 1, B: two}\n", R"("env":[{"name":"A","value":"1"},{"name":"B","value":"two"}])"},
        {"    environment: [A=b=c]\n", R"("env":[{"name":"A","value":"b=c"}])"},
        {"    environment: [\"A=${B:-c}$$d\"]\n", R"("env":[{"name":"A","value":"c$d"}])"},
        {"    working_dir: /x\n    tty: true\n", R"("workingDir":"/x","tty":true)"},
        {"    user: '7:8'\n", R"("securityContext":{"runAsUser":7,"runAsGroup":8})"},
        {"    cap_add: [NET_ADMIN]\n    read_only: true\n",
         R"("securityContext":{"capabilities":{"add":["NET_ADMIN"]},"readOnlyRootFilesystem":true})"},
        {"    mem_limit: 512m\n    cpus: 0.5\n", R"("resources":{"limits":{"memory":"512Mi","cpu":"0.5"}})"},
        {"    deploy: {resources: {reservations: {memory: 1gb}}}\n", R"("resources":{"requests":{"memory":"1Gi"}})"},
        {"    healthcheck: {test: [CMD, a, b], interval: 1m30s, retries: 3}\n",
         R"("livenessProbe":{"exec":{"command":["a","b"]},"periodSeconds":90,"failureThreshold":3})"},
        {"    healthcheck: {test: a b}\n", R"("livenessProbe":{"exec":{"command":["sh","-c","a b"]}})"},
        {"    volumes: [data:/data:ro, /tmp/x]\n",
         R"("volumeMounts":[{"name":"data","mountPath":"/data","readOnly":true},{"name":"scratch-2","mountPath":"/tmp/x"}])"},
    };
    for (const auto& row : rows)
        EXPECT_NE(container(row.part).find(row.container), std::string::npos) << row.part << container(row.part);
    EXPECT_EQ(at(service("    deploy: {replicas: 3}\n"), "", {"spec", "replicas"}), "3");
    EXPECT_EQ(
        at(service("    stop_grace_period: 1m\n"), "", {"spec", "template", "spec", "terminationGracePeriodSeconds"}),
        "60");
}

TEST(Compose, portsBecomeAService)
{
    struct Row {
        const char* ports;
        const char* service;
    };
    const std::vector<Row> rows{
        {"    ports: ['8080:80']\n", R"([{"name":"port-8080","port":8080,"targetPort":80}])"},
        {"    ports: ['80']\n", R"([{"name":"port-80","port":80}])"},
        {"    ports: [80]\n", R"([{"name":"port-80","port":80}])"},
        {"    ports: ['127.0.0.1:53:53/udp']\n", R"([{"name":"udp-53","port":53,"protocol":"UDP"}])"},
        {"    ports: [{target: 80, published: '8080'}]\n", R"([{"name":"port-8080","port":8080,"targetPort":80}])"},
        {"    expose: ['6379']\n", R"([{"name":"port-6379","port":6379}])"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(at(service(row.ports), "Service", {"spec", "ports"}), row.service) << row.ports;
    EXPECT_EQ(at(service("    ports: ['3000-3005']\n"), "Service", {}), "no such object");
}

TEST(Compose, whatHasNoCounterpartIsSaid)
{
    struct Row {
        std::string text;
        const char* places;
    };
    const std::vector<Row> rows{
        {service("    build: .\n"), "services.web.build\n"},
        {service("    volumes: [./src:/src]\n"), "services.web.volumes\n"},
        {service("    env_file: .env\n"), "services.web.env_file\n"},
        {service("    depends_on: [db]\n"), "services.web.depends_on\n"},
        {service("    restart: on-failure\n"), "services.web.restart\n"},
        {service("    restart: always\n"), ""},
        {service("    user: www-data\n"), "services.web.user\n"},
        {service("    environment: [A]\n"), "services.web.environment.A\n"},
        {service("    environment: ['A=$B', 'C=${B}']\n"), "$B\n"},
        {service("    init: true\n    ulimits: {}\n"), "services.web.init\nservices.web.ulimits\n"},
        {service("    deploy: {mode: global, placement: {}}\n"),
         "services.web.deploy.mode\nservices.web.deploy.placement\n"},
        {service("") + "secrets: {a: {file: ./a}}\nconfigs: {b: {file: ./b}}\n", "configs.b\nsecrets.a\n"},
        {"services: {web: {build: .}}",
         "services.web is built from sources: build its image, push it to a registry, and "
         "name it as \"image\""},
        {"services: {9gag: {image: a}}", "services.9gag\n"},
        {"services: {My_DB: {image: a}}", "services.My_DB\n"},
        {"services: {my_db: {image: a}, my-db: {image: a}}",
         "services.my-db would be called my-db, as another is: rename one of them"},
        {"services: {web: {}}", "services.web has no image"},
        {"services: {web: 1}", "services.web is no service: a map is wanted"},
        {"a: b", "this is no Compose file: it has no services"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(notes(row.text), row.places) << row.text;
    EXPECT_FALSE(fromCompose("services: ["));
}

TEST(Compose, namesAreThoseOfServices)
{
    const std::string sixtyTwo(62, 'a');
    const std::vector<std::pair<std::string, std::string>> rows{
        {"web", "web"}, {"9gag", "x-9gag"},          {"My_DB", "my-db"},
        {"_a_", "a"},   {"__", "service"},           {sixtyTwo + "bc", sixtyTwo + "b"},
        {"a.b", "a-b"}, {sixtyTwo + "_c", sixtyTwo},
    };
    for (const auto& [name, made] : rows)
        EXPECT_EQ(composeName(name), made) << name;
}

TEST(Compose, aWholeFileIsValidAndConnected)
{
    const auto result = fromCompose(R"(
services:
  front_end:
    image: nginx:1.27
    ports: ["8080:80"]
    configs: [{source: nginx.conf, target: /etc/nginx/nginx.conf}]
    depends_on: [db]
  db:
    image: postgres:17
    expose: ["5432"]
    environment: {POSTGRES_PASSWORD: secret}
    volumes: ["data:/var/lib/postgresql/data"]
configs:
  nginx.conf: {content: "events {}"}
volumes:
  data:
)");
    ASSERT_TRUE(result);
    std::string stream;
    for (const auto& object : result->objects)
        stream += (stream.empty() ? "" : "---\n") + api::writeYaml(object);
    const TestSet set(stream);
    for (std::size_t i = 0; i < set.manifest.documents(); ++i)
        for (const auto& found : document::diagnose(set.manifest.textOf(i), *set.manifest.tree(i), document::Kinds()))
            if (found.code != "unknown-kind")
                ADD_FAILURE() << found.message << "\n" << set.manifest.textOf(i);
    EXPECT_EQ(relationsOf(set.cards()).size(), 4U) << stream;
}

TEST(Templates, areValidAndTheirPartsNameEachOther)
{
    const document::Kinds kinds;
    EXPECT_GE(templatesOf(kinds).size(), 3U);
    for (const auto* one : templatesOf(kinds)) {
        const TestSet set(templateText(*one, {}));
        for (std::size_t i = 0; i < set.manifest.documents(); ++i)
            for (const auto& found : document::diagnose(set.manifest.textOf(i), *set.manifest.tree(i), kinds))
                ADD_FAILURE() << one->title << ": " << found.message;
        EXPECT_GE(relationsOf(set.cards()).size() + 1, set.cards().size()) << one->title << ": one whole";
        const TestSet again(templateText(*one, set.cards()));
        for (const auto& card : again.cards())
            EXPECT_EQ(card.object.name, std::string(one->name) + "-2");
        EXPECT_EQ(relationsOf(again.cards()).size(), relationsOf(set.cards()).size());
    }
}

} // namespace
} // namespace keelson::design
