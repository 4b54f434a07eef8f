// SPDX-License-Identifier: Apache-2.0
#include "apiserver/media_type.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace keelson::apiserver {
namespace {

std::string shown(const Result<ReplyForm>& form)
{
    if (!form)
        return std::string(reasonName(form.error().reason));
    constexpr std::array<std::string_view, 3> encodings{"json", "yaml", "protobuf"};
    constexpr std::array<std::string_view, 4> shapes{"", " table", " metadata", " metadatalist"};
    return fmt::format("{}{}{}", encodings.at(static_cast<std::size_t>(form->encoding)),
                       shapes.at(static_cast<std::size_t>(form->shape)), form->metaVersion == "v1" ? "" : " beta");
}

constexpr auto table = "application/json;as=Table;v=v1;g=meta.k8s.io";
constexpr auto protobuf = "application/vnd.kubernetes.protobuf";

TEST(MediaType, negotiatesTheFormOfAnAnswer)
{
    struct Row {
        std::string accept;
        const char* expected;
        Offer offer = {};
    };
    for (const auto& [accept, expected, offer] : {
             Row{"", "json"},
             Row{"*/*", "json"},
             Row{"application/*", "json"},
             Row{"application/json; charset=utf-8", "json"},
             Row{"application/yaml", "yaml"},
             Row{"text/html", "NotAcceptable"},
             Row{"text/html, */*;q=0.8", "json"},
             Row{"application/json;q=0.5,application/yaml", "yaml"},
             Row{"application/json;q=0.50,application/yaml;q=0.499", "json"},
             Row{"application/json;q=0", "NotAcceptable"},
             Row{protobuf, "protobuf"},
             Row{std::string(protobuf) + ",application/json", "protobuf"},
             Row{std::string(protobuf) + ",application/json", "json", {.protobuf = false}},
             Row{protobuf, "NotAcceptable", {.protobuf = false}},
             Row{table, "json table"},
             Row{std::string(table) + "," + "application/json;as=Table;v=v1beta1;g=meta.k8s.io", "json table"},
             Row{"application/json;as=Table;v=v1beta1;g=meta.k8s.io", "json table beta"},
             Row{"application/json;as=Table;v=v2;g=meta.k8s.io,application/json", "json"},
             Row{"application/json;as=Table;v=v1;g=other", "NotAcceptable"},
             Row{"application/yaml;as=Table;v=v1;g=meta.k8s.io", "yaml table"},
             Row{"application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io", "NotAcceptable"},
             Row{"application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "json metadata"},
             Row{"application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "NotAcceptable", {.list = true}},
             Row{"application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
                 "json metadatalist",
                 {.list = true}},
             Row{"application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "NotAcceptable"},
             Row{"application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
                 "protobuf metadata",
                 {.protobuf = false}},
             Row{"application/json;stream=watch", "json", {.stream = true}},
             Row{"application/vnd.kubernetes.protobuf;stream=watch", "protobuf", {.stream = true}},
             Row{"application/yaml", "NotAcceptable", {.stream = true}},
             Row{"application/yaml,application/json", "json", {.stream = true}},
         })
        EXPECT_EQ(shown(negotiate(accept, offer)), expected) << accept;
    EXPECT_EQ(negotiate("text/html").error().message, "only the following media types are accepted: application/json, "
                                                      "application/yaml, application/vnd.kubernetes.protobuf");
    EXPECT_EQ(negotiate("text/html", {.protobuf = false}).error().message,
              "only the following media types are accepted: application/json, application/yaml");
    EXPECT_EQ(negotiate("text/html", {.stream = true}).error().message,
              "only the following media types are accepted: application/json;stream=watch, "
              "application/vnd.kubernetes.protobuf;stream=watch");
}

TEST(MediaType, readsTheFormatOfABody)
{
    EXPECT_EQ(bodyFormat("").value(), BodyFormat::Json);
    EXPECT_EQ(bodyFormat("application/json; charset=utf-8").value(), BodyFormat::Json);
    EXPECT_EQ(bodyFormat("application/yaml").value(), BodyFormat::Yaml);
    EXPECT_EQ(bodyFormat(protobuf).value(), BodyFormat::Protobuf);
    const auto other = bodyFormat("application/xml");
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().reason, Reason::UnsupportedMediaType);
    EXPECT_EQ(other.error().message, "the body of the request was in an unknown format - accepted media types include: "
                                     "application/json, application/yaml, application/vnd.kubernetes.protobuf");
}

} // namespace
} // namespace keelson::apiserver
