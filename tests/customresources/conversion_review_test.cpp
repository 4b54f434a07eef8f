// SPDX-License-Identifier: Apache-2.0
#include "customresources/conversion_review.h"

#include "customresources/texts.h"

namespace keelson::customresources {
namespace {

/// The answer of a webhook in flow style, read as that to a question about one Widget.
std::string outcomeOf(std::string_view review)
{
    const std::vector<api::Value> objects{
        yaml("{apiVersion: example.org/v1, kind: Widget, metadata: {name: a, namespace: default, uid: u, "
             "labels: {l: x}, annotations: {note: x}, generation: 3}, spec: {size: 1}}")};
    const ConversionQuestion question{
        .reviewVersion = "v1", .uid = "1", .apiVersion = "example.org/v2", .objects = objects};
    const auto converted = readConversion(api::writeJson(yaml(review)), question);
    return converted ? api::writeJson(converted->front()) : converted.error().message;
}

std::string success(std::string_view objects)
{
    return fmt::format("{{apiVersion: apiextensions.k8s.io/v1, kind: ConversionReview, response: {{uid: '1', result: "
                       "{{status: Success}}, convertedObjects: {}}}}}",
                       objects);
}

TEST(ConversionReview, asksForTheObjectsInAnotherVersion)
{
    const std::vector<api::Value> objects{yaml("{kind: Widget}")};
    EXPECT_EQ(conversionReview({.reviewVersion = "v1", .uid = "1", .apiVersion = "example.org/v2", .objects = objects}),
              R"({"kind":"ConversionReview","apiVersion":"apiextensions.k8s.io/v1","request":{"uid":"1",)"
              R"("desiredAPIVersion":"example.org/v2","objects":[{"kind":"Widget"}]}})");
    EXPECT_EQ(knownReviewVersion({"v9", "v1beta1", "v1"}), "v1beta1");
    EXPECT_EQ(knownReviewVersion({"v9"}), "");
}

TEST(ConversionReview, takesLabelsAndAnnotationsAloneOfMetadata)
{
    EXPECT_EQ(
        outcomeOf(success("[{apiVersion: example.org/v2, kind: Widget, metadata: {name: a, namespace: default, "
                          "uid: u, labels: {l: z}, generation: 9, finalizers: [f]}, spec: {width: 1}}]")),
        R"({"apiVersion":"example.org/v2","kind":"Widget","metadata":{"name":"a","namespace":"default","uid":"u",)"
        R"("labels":{"l":"z"},"generation":3},"spec":{"width":1}})");
}

TEST(ConversionReview, refusesAnswersThatConvertNothing)
{
    const auto object = [](std::string_view more, std::string_view metadata = "name: a, namespace: default, uid: u") {
        return success(fmt::format("[{{{}, metadata: {{{}}}}}]", more, metadata));
    };
    constexpr std::string_view right = "apiVersion: example.org/v2, kind: Widget";
    struct Row {
        std::string review;
        std::string_view refusal; ///< Behind "conversion webhook for example.org/v1, Kind=Widget ".
    };
    for (const auto& [review, refusal] : {
             Row{"{kind: ConversionReview, apiVersion: apiextensions.k8s.io/v2}",
                 "failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got "
                 "apiextensions.k8s.io/v2, Kind=ConversionReview"},
             Row{"{}", "failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got /, "
                       "Kind="},
             Row{"{kind: ConversionReview, apiVersion: apiextensions.k8s.io/v1}", "failed: no response provided"},
             Row{"{kind: ConversionReview, apiVersion: apiextensions.k8s.io/v1, response: {uid: '2'}}",
                 "failed: expected response.uid=\"1\", got \"2\""},
             Row{"{kind: ConversionReview, apiVersion: apiextensions.k8s.io/v1, response: {uid: '1', result: {status: "
                 "Failure, message: too wide}}}",
                 "failed: too wide"},
             Row{"{kind: ConversionReview, apiVersion: apiextensions.k8s.io/v1, response: {uid: '1', result: {status: "
                 "Failure}}}",
                 "failed: response.result.status was 'Failure', not 'Success'"},
             Row{success("[]"), "returned 0 objects, expected 1"},
             Row{success("[1]"), "returned invalid converted object at index 0: it is no object"},
             Row{object("apiVersion: example.org/v3, kind: Widget"),
                 "returned invalid converted object at index 0: invalid groupVersion (expected example.org/v2, "
                 "received example.org/v3)"},
             Row{object("apiVersion: example.org/v2, kind: Gadget"),
                 "returned invalid converted object at index 0: invalid kind (expected Widget, received Gadget)"},
             Row{object(right, "name: b, namespace: default, uid: u"),
                 "returned invalid converted object at index 0: must have the same name: a != b"},
             Row{object(right, "name: a, uid: u"),
                 "returned invalid converted object at index 0: must have the same namespace: default != "},
             Row{object(right, "name: a, namespace: default, uid: v"),
                 "returned invalid converted object at index 0: must have the same UID: u != v"},
             Row{object(right, "name: a, namespace: default, uid: u, labels: []"),
                 "returned invalid metadata in object at index 0: invalid metadata.labels of type []interface {} in "
                 "converted object"},
             Row{object(right, "name: a, namespace: default, uid: u, annotations: {note: 1}"),
                 "returned invalid metadata in object at index 0: metadata.annotations[note] must be a string, but is "
                 "int64 in converted object"},
         })
        EXPECT_EQ(outcomeOf(review), fmt::format("conversion webhook for example.org/v1, Kind=Widget {}", refusal));
    EXPECT_TRUE(outcomeOf(object(right, "name: a, namespace: default, uid: u, labels: {'-': x}"))
                    .starts_with("conversion webhook for example.org/v1, Kind=Widget returned invalid metadata in "
                                 "object at index 0: metadata.labels: Invalid value: \"-\""));
}

} // namespace
} // namespace keelson::customresources
