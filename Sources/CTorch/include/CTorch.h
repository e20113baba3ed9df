// SwiftPM wants a public header; the shim's surface is CTorchAPI.h.
#include "CTorchAPI.h"
