<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US">
<context>
    <name>keelson::ui::ApplyPanel</name>
    <message numerus="yes">
        <source>Apply %n objects</source>
        <translation>
            <numerusform>Apply %n object</numerusform>
            <numerusform>Apply %n objects</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keelson::ui::BulkBar</name>
    <message numerus="yes">
        <source>%Ln selected</source>
        <translation>
            <numerusform>%Ln selected</numerusform>
            <numerusform>%Ln selected</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keelson::ui::DesignModel</name>
    <message numerus="yes">
        <source>Delete %n cards</source>
        <translation>
            <numerusform>Delete %n card</numerusform>
            <numerusform>Delete %n cards</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keelson::ui::DesignView</name>
    <message numerus="yes">
        <source>%n objects</source>
        <translation>
            <numerusform>%n object</numerusform>
            <numerusform>%n objects</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n problems</source>
        <translation>
            <numerusform>%n problem</numerusform>
            <numerusform>%n problems</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keelson::ui::Designer</name>
    <message numerus="yes">
        <source>%n objects</source>
        <translation>
            <numerusform>%n object</numerusform>
            <numerusform>%n objects</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n parts of %1 have no counterpart</source>
        <translation>
            <numerusform>%n part of %1 has no counterpart</numerusform>
            <numerusform>%n parts of %1 have no counterpart</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keelson::ui::FindBar</name>
    <message numerus="yes">
        <source>%n matches</source>
        <translation>
            <numerusform>%n match</numerusform>
            <numerusform>%n matches</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keelson::ui::ImportDialog</name>
    <message numerus="yes">
        <source>Import %n objects</source>
        <translation>
            <numerusform>Import %n object</numerusform>
            <numerusform>Import %n objects</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keelson::ui::Inspector</name>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keelson::ui::LogsPanel</name>
    <message numerus="yes">
        <source>%n pods</source>
        <translation>
            <numerusform>%n pod</numerusform>
            <numerusform>%n pods</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new lines</source>
        <translation>
            <numerusform>%n new line</numerusform>
            <numerusform>%n new lines</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keelson::ui::ManifestsPage</name>
    <message numerus="yes">
        <source>%n unsaved texts were recovered</source>
        <translation>
            <numerusform>An unsaved text was recovered</numerusform>
            <numerusform>%n unsaved texts were recovered</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Kinds: %n of the cluster</source>
        <translation>
            <numerusform>Kinds: %n of the cluster</numerusform>
            <numerusform>Kinds: %n of the cluster</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keelson::ui::NamespaceSelector</name>
    <message numerus="yes">
        <source>%n namespaces</source>
        <translation>
            <numerusform>%n namespace</numerusform>
            <numerusform>%n namespaces</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keelson::ui::ObjectPage</name>
    <message numerus="yes">
        <source>%n events</source>
        <translation>
            <numerusform>%n event</numerusform>
            <numerusform>%n events</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Other namespaces have %n of them.</source>
        <translation>
            <numerusform>Other namespaces have one of them.</numerusform>
            <numerusform>Other namespaces have %n of them.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Findings</name>
    <message numerus="yes">
        <source>%n errors</source>
        <translation>
            <numerusform>%n error</numerusform>
            <numerusform>%n errors</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n warnings</source>
        <translation>
            <numerusform>%n warning</numerusform>
            <numerusform>%n warnings</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hints</source>
        <translation>
            <numerusform>%n hint</numerusform>
            <numerusform>%n hints</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keelson::ui::OverviewPage</name>
    <message numerus="yes">
        <source>and %Ln more</source>
        <translation>
            <numerusform>and %Ln more</numerusform>
            <numerusform>and %Ln more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keelson::ui::TopologyView</name>
    <message numerus="yes">
        <source>%Ln pods</source>
        <translation>
            <numerusform>%Ln pod</numerusform>
            <numerusform>%Ln pods</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keelson::ui::TracePage</name>
    <message numerus="yes">
        <source>%n steps in %1</source>
        <translation>
            <numerusform>%n step in %1</numerusform>
            <numerusform>%n steps in %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keelson::ui::Workbench</name>
    <message numerus="yes">
        <source>%n kinds watched</source>
        <translation>
            <numerusform>%n kind watched</numerusform>
            <numerusform>%n kinds watched</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n calls pending</source>
        <translation>
            <numerusform>%n call pending</numerusform>
            <numerusform>%n calls pending</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keelson::ui::YamlTab</name>
    <message numerus="yes">
        <source>%n problems</source>
        <translation>
            <numerusform>%n problem</numerusform>
            <numerusform>%n problems</numerusform>
        </translation>
    </message>
</context>
</TS>
