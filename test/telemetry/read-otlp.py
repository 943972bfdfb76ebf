"""Reads one OTLP request by the official protobuf definitions, strictly, and prints it as JSON. Never asks the network.

usage: read-otlp.py traces|metrics|logs < body
"""
import json
import sys

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

kinds = {"traces": ExportTraceServiceRequest, "metrics": ExportMetricsServiceRequest, "logs": ExportLogsServiceRequest}
message = kinds[sys.argv[1]]()
message.ParseFromString(sys.stdin.buffer.read())
json.dump(MessageToDict(message), sys.stdout)
